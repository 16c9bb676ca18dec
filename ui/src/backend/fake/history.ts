import type { Problem } from "../../contract/Problem";
import type { QueueRow } from "../../contract/QueueRow";
import type { ReceiptView } from "../../contract/ReceiptView";
import type { SyncRun } from "../../contract/SyncRun";
import { addProduct, hold } from "./cart";
import { commit } from "./sales";
import { emptyCart, type World } from "./world";

const MINUTE = 60_000;

function sell(
  world: World,
  minutesAgo: number,
  products: [number, number][],
  state: ReceiptView["state"],
  extra = 0,
): void {
  for (const [index, count] of products) addProduct(world, `product-${index}`, count, null);
  const total = world.cart.lines.length ? totalOf(world) : 0;
  commit(world, total + extra, total);
  const sale = world.sales[0];
  if (sale)
    Object.assign(sale, { occurredAt: Date.now() - minutesAgo * MINUTE, state, cashier: "Fatoumata Camara" });
}

function totalOf(world: World): number {
  return world.cart.lines.reduce((sum, line) => {
    const product = world.products.find((candidate) => candidate.uid === line.product);
    return sum + (product?.units[line.unit]?.price ?? 0) * line.count;
  }, 0);
}

const queued = (seq: number, row: Partial<QueueRow>): QueueRow => ({
  seq,
  entity: "product",
  action: "update",
  label: "",
  amount: null,
  occurredAt: Date.now() - 40 * MINUTE,
  state: "waiting",
  attempts: 0,
  nextAttempt: null,
  problem: null,
  ...row,
});

function run(
  minutesAgo: number,
  trigger: string,
  up: number,
  down: number,
  problem: Problem | null = null,
): SyncRun {
  return {
    startedAt: Date.now() - minutesAgo * MINUTE,
    trigger,
    report: {
      processed: up,
      accepted: up,
      duplicate: 0,
      rejected: 0,
      conflict: 0,
      deferred: 0,
      blocked: 0,
      pulled: down,
      bytesUp: up * 900,
      bytesDown: down * 260,
      durationMs: problem ? 30_000 : 400 + up * 140,
      revision: 48_200,
      problem,
    },
  };
}

/** A morning's work, so that no list starts empty. */
export function morning(world: World): void {
  sell(
    world,
    95,
    [
      [0, 1],
      [2, 4],
    ],
    "confirmed",
  );
  const looked = world.sales[0];
  if (looked)
    looked.flags = [
      { number: looked.number, code: "lot_short" },
      { number: "1-003 958", code: "more_than_sold" },
    ];
  sell(world, 71, [[15 - 1, 2]], "confirmed", 5000);
  sell(world, 52, [[12, 2]], "reversed");
  const refused = world.sales[0];
  if (refused)
    refused.reason = {
      code: "stock_insufficient",
      params: { product: "Insuline Mixtard 30", asked: 2, available: 0 },
    };
  sell(
    world,
    33,
    [
      [20, 1],
      [31, 1],
      [30, 2],
    ],
    "confirmed",
  );
  sell(
    world,
    6,
    [
      [0, 2],
      [36 + 1, 3],
    ],
    "confirmed",
    4000,
  );
  for (const row of world.queue) row.state = "settled";
  addProduct(world, "product-16", 1, null);
  addProduct(world, "product-19", 2, null);
  hold(world);
  const held = world.held[0];
  if (held) Object.assign(held, { heldAt: Date.now() - 12 * MINUTE, user: "user-1111" });
  world.cart = emptyCart();
  const supplier: Problem = { code: "reference_missing", params: { entity: "supplier", uid: "0198c1f2" } };
  world.queue.push(
    queued(world.nextSeq++, {
      entity: "productBatch",
      action: "create",
      label: "Artésunate inj. 60 mg · lot AS6114",
      state: "deferred",
      attempts: 2,
      problem: supplier,
      nextAttempt: Date.now() + 90_000,
    }),
    queued(world.nextSeq++, {
      label: "Furosémide 40 mg",
      state: "blocked",
      attempts: 1,
      problem: { code: "document_mismatch", params: {} },
    }),
  );
  world.runs = [
    run(2, "background", 0, 3),
    run(6, "sale", 1, 4),
    run(33, "sale", 1, 0),
    run(40, "reconnect", 14, 240),
    run(58, "background", 0, 0, { code: "hub_unreachable", params: { hub: world.settings.hub } }),
    run(71, "sale", 1, 2),
    ...yesterday(),
  ];
}

/** The day before: a busy afternoon, a night, an hour without a network and what was caught up after it. */
function yesterday(): SyncRun[] {
  const busy = [14, 18, 29, 22, 0, 9, 4, 1, 0, 0, 0, 0, 1, 2, 11, 26, 31, 24, 19, 12, 16, 20];
  const runs = busy.flatMap((up, index) => {
    const ago = 120 + index * 60;
    if (index === 4) return [run(ago, "background", 0, 0, { code: "hub_unreachable", params: { hub: "" } })];
    return [run(ago, "sale", up, up * 2 + 1), run(ago + 20, "background", 0, index)];
  });
  const refused = runs[5];
  if (refused) refused.report.rejected = 1;
  return runs;
}
