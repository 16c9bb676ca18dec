import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sellable, Stage } from "./lib/stage.mjs";

let stage, window, products;

before(async () => {
  stage = await Stage.set("window");
  products = await sellable(stage.till, 3);
  window = await stage.window();
});
after(() => stage?.strike());

/** A failure leaves a picture of what was on the screen. */
function step(name, act) {
  test(name, async () => {
    try {
      await act();
    } catch (error) {
      await stage.shot(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
      throw error;
    }
  });
}

step("the manager signs in on the keyboard", async () => {
  await window.see("pin-pad", 30);
  await stage.shot("1-sign-in");
  await window.signIn("ibrahima", "4444");
  await window.see("scan-field");
});

step("three scans and one key sell three lines, and the receipt names their lots", async () => {
  for (const product of products) await window.scan(product.code);
  await stage.shot("2-cart");
  const { number, words } = await window.payExact();
  await window.becomes("confirmed");
  await stage.shot("3-receipt");
  assert.match(number, /^1-/);
  assert.ok((words.match(/\bLot\b/gi) ?? []).length >= 3, words);
});

step("with the hub stopped the next sale is recorded and waits", async () => {
  await stage.hub.stop();
  await window.scan(products[0].code);
  const { number } = await window.payExact();
  assert.equal(number, "1-000 002");
  assert.match(await window.state(), /^(recorded|sent)$/);
  await stage.shot("4-without-network");
});

step("with the hub back, « Synchroniser maintenant » confirms both and the books are equal", async () => {
  await stage.hub.start();
  await window.showSync();
  assert.equal(await window.synchronise(), null);
  await stage.shot("5-synchronised");
  const sales = (await stage.till.sales()).rows;
  assert.deepEqual(sales.map((sale) => sale.state), ["confirmed", "confirmed"]);
  const { till, hub } = await stage.books();
  assert.deepEqual(till, hub);
  assert.ok(Object.keys(hub).length > 700);
});

step("nothing panicked", () => {
  for (const log of ["hub.log", "driver.log", "till/officine.log"]) {
    assert.doesNotMatch(readFileSync(join(stage.folder, log), "utf8"), /panic/);
  }
});
