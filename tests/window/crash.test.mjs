import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sellable, Stage } from "./lib/stage.mjs";

const TIMES = 20;
let stage, product;

before(async () => {
  stage = await Stage.set("window-crash");
  [product] = await sellable(stage.till, 1);
  await stage.hub.stop();
});
after(() => stage?.strike());

test(`kill -9 right after the receipt, ${TIMES} times: the ticket and its place in the queue are there`, async () => {
  for (let time = 1; time <= TIMES; time += 1) {
    const window = await stage.window();
    await window.signIn("aissatou", "1111");
    await window.scan(product.code);
    const { number } = await window.payExact();
    await window.kill();
    const [{ rows }, { sync, store, ledgerDifferences }] = await Promise.all([stage.till.sales(), stage.till.ask("status")]);
    assert.equal(rows[0].number, number);
    assert.equal(rows.length, time);
    assert.equal(sync.queue.waiting + sync.queue.sent, time, JSON.stringify(sync.queue));
    assert.deepEqual([store, ledgerDifferences], ["ok", 0]);
  }
});

test("with the hub back, every one of them is confirmed, once", async () => {
  await stage.hub.start();
  await stage.till.sync();
  const { rows } = await stage.till.sales();
  assert.deepEqual(new Set(rows.map((row) => row.state)), new Set(["confirmed"]));
  const { till, hub } = await stage.books();
  assert.deepEqual(till, hub);
});
