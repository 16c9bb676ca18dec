import assert from "node:assert/strict";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { packages, Place } from "./lib/package.mjs";
import { sellable, Stage } from "./lib/stage.mjs";

let older, newer, place, stage, product;

before(async () => {
  [older, newer] = await packages(process.env.OFFICINE_DEBS);
  place = await Place.find(older.name);
});
after(async () => {
  await stage?.strike();
  await place?.leave();
});

test("the package installs, with its three programs and its place in the menu", async () => {
  await place.install(older);
  for (const program of ["officine", "officine-till", "officine-hub"]) {
    accessSync(join(place.programs, program), constants.X_OK);
  }
  const menu = join(place.root, "usr/share/applications");
  const entry = readdirSync(menu).find((name) => /^officine/i.test(name));
  assert.match(readFileSync(join(menu, entry), "utf8"), /^Exec=officine$/m);
  console.log(`${older.name} ${older.version}: ${(older.bytes / 1e6).toFixed(1)} MB, into ${place.system ? "the system" : "a folder"}`);
});

test("what it installed sells", async () => {
  stage = await Stage.set("bundle", { programs: place.programs });
  [product] = await sellable(stage.till, 1);
  const window = await stage.window();
  await window.signIn("aissatou", "1111");
  await window.scan(product.code);
  await window.payExact();
  await window.becomes("confirmed");
  await stage.shot("1-older");
  await stage.hub.stop();
  await window.scan(product.code);
  await window.payExact();
  await window.close();
});

test("a newer package keeps the tickets and the queue, and sends them", async () => {
  await place.install(newer);
  if (place.system) assert.equal(await place.version(), newer.version);
  const { sync } = await stage.till.ask("status");
  assert.equal(sync.queue.waiting + sync.queue.sent, 1);
  await stage.hub.start();
  const window = await stage.window();
  await window.signIn("ibrahima", "4444");
  await window.showSync();
  assert.equal(await window.synchronise(), null);
  await stage.shot("2-newer");
  assert.deepEqual((await stage.till.sales()).rows.map((sale) => sale.state), ["confirmed", "confirmed"]);
  const { till, hub } = await stage.books();
  assert.deepEqual(till, hub);
});
