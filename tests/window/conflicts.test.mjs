import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "./lib/processes.mjs";
import { sellable, Stage } from "./lib/stage.mjs";
import { Till } from "./lib/till.mjs";
import { Key } from "./lib/window.mjs";

const MANAGER = ["--user", "ibrahima", "--pin", "4444"];

let stage, other, product;

before(async () => {
  stage = await Stage.set("conflicts");
  [product] = await sellable(stage.till, 1);
  other = new Till(stage.programs, join(stage.folder, "other"));
  await other.enrol(stage.hub.url, await stage.hub.code(), "Caisse 2");
  await other.sync();
});
after(() => stage?.strike());

const hit = async (till) => (await till.ask("search", product.code))[0];
const price = async (till) => (await hit(till)).unit.price;
const waiting = async (till) => (await till.ask("status")).sync.conflicts;

test("two tills that set one price offline wait for a manager, with the server's price in force", async () => {
  const was = await price(stage.till);
  await stage.till.ask("price", product.code, String(was + 500), ...MANAGER);
  await other.ask("price", product.code, String(was + 1_000), ...MANAGER);
  for (const till of [stage.till, other, stage.till]) await till.sync();
  for (const till of [stage.till, other]) assert.deepEqual([await price(till), await waiting(till)], [was + 500, 1]);
});

test("the manager settles it by keyboard, and both tills end equal", async () => {
  const wanted = (await price(stage.till)) + 500;
  const window = await stage.window();
  await window.signIn("ibrahima", "4444");
  await window.chord(Key.ALT, "c");
  await window.see("conflict-row");
  await stage.shot("1-list");
  await window.keys(Key.ENTER);
  await window.see("conflict-field");
  await window.keys("1");
  await stage.shot("2-picked");
  await window.keys(Key.ENTER);
  await until("the price chosen is in force", 30, async () => (await price(stage.till)) === wanted);
  await until("nothing is left to settle", 30, async () => (await window.all("conflict-row")).length === 0);
  await stage.shot("3-settled");
  await other.sync();
  assert.deepEqual([await price(other), await waiting(other), await waiting(stage.till)], [wanted, 0, 0]);
});

test("the history tells the story", async () => {
  const { uid } = await hit(other);
  const { source, lines } = await other.ask("log", "--row", "product", uid, ...MANAGER);
  assert.equal(source, "hub");
  const told = lines.filter((line) => line.field === "units/0/price").map((line) => line.kind);
  assert.deepEqual(told.reverse().slice(-3), ["edit", "conflict", "resolution"]);
});
