import type { ListSalesArgs } from "../../contract/ListSalesArgs";
import type { Problem } from "../../contract/Problem";
import type { ReceiptView } from "../../contract/ReceiptView";
import type { SaleRow } from "../../contract/SaleRow";
import type { SalesPage } from "../../contract/SalesPage";
import { fold } from "../../lib/marked";
import { cartView, listHeld, ticketNumber } from "./cart";
import { settlementOf } from "./settle";
import { emptyCart, refuse, type Cart, type World } from "./world";

export function commit(world: World, tendered: number | null, expected: number): ReceiptView {
  const cart = cartView(world);
  if (cart.lines.length === 0) refuse("cart_empty");
  if (cart.blocker) throw cart.blocker;
  if (cart.total !== expected) refuse("total_changed", { expected, actual: cart.total });
  if (tendered !== null && tendered < cart.total)
    refuse("tendered_too_small", { total: cart.total, tendered });
  const receipt = receiptOf(world, tendered ?? cart.total);
  moveStock(world, receipt, -1);
  const sold = world.cart;
  world.sales.unshift(receipt);
  world.nextSale += 1;
  world.cart = emptyCart(world.session?.uid);
  enqueue(world, receipt);
  world.tell({ kind: "changed", topics: ["sales", "stock", "sync"] });
  if (world.online && world.verdictAfter >= 0) settleLater(world, receipt, sold);
  return { ...receipt };
}

function receiptOf(world: World, tendered: number): ReceiptView {
  const cart = cartView(world);
  return {
    uid: crypto.randomUUID(),
    number: ticketNumber(world.nextSale),
    pharmacy: world.settings.pharmacy,
    header: [world.settings.address, world.settings.phone].filter(Boolean),
    till: world.settings.till,
    cashier: world.session?.name ?? "",
    occurredAt: Date.now(),
    state: "recorded",
    reason: null,
    flagged: false,
    flags: [],
    kind: "sale",
    takesBack: null,
    why: "",
    customer: null,
    discount: cart.discount,
    rounding: cart.rounding,
    payments: [{ means: "cash", amount: cart.total, reference: null }],
    lines: cart.lines.map((line, index) => ({
      line: index + 1,
      name: line.name,
      unit: line.unit.name,
      count: line.count,
      quantity: line.count * line.unit.factor,
      returned: 0,
      unitPrice: line.unitPrice ?? 0,
      discount: line.discount,
      amount: line.amount,
      lots: line.lots,
      inHand: line.inHand,
    })),
    total: cart.total,
    tendered,
    change: tendered - cart.total,
    paperWaits: world.paperWaits === true && world.online,
    settled: null,
    hash: Math.abs(Math.imul(world.nextSale, 2654435761)).toString(16).padStart(8, "0").slice(0, 8),
  };
}

function moveStock(world: World, receipt: ReceiptView, sign: 1 | -1): void {
  const takes = receipt.lines.flatMap((line) => line.lots);
  for (const lot of world.products.flatMap((product) => product.lots)) {
    for (const take of takes) if (take.batch === lot.uid) lot.quantity += sign * take.quantity;
  }
}

function enqueue(world: World, receipt: ReceiptView): void {
  world.queue.push({
    seq: world.nextSeq++,
    entity: "sale",
    action: "create",
    label: `Ticket ${receipt.number}`,
    amount: receipt.total,
    occurredAt: receipt.occurredAt,
    state: "waiting",
    attempts: 0,
    nextAttempt: null,
    problem: null,
  });
}

function settleLater(world: World, receipt: ReceiptView, sold: Cart): void {
  setTimeout(() => {
    receipt.state = "sent";
    world.tell({ kind: "changed", topics: ["sales", "sync"] });
  }, world.verdictAfter / 3);
  setTimeout(() => settle(world, receipt, sold), world.verdictAfter);
}

/** The hub's verdict for one ticket. */
export function settle(world: World, receipt: ReceiptView, sold: Cart | null = null): void {
  const row = world.queue.find((queued) => queued.label === `Ticket ${receipt.number}`);
  if (row) Object.assign(row, { state: "settled", attempts: row.attempts + 1 });
  world.revision += 1;
  world.lastSuccess = Date.now();
  if (world.refuseNext !== null && sold) return refuseSale(world, receipt, sold, world.refuseNext);
  receipt.state = "confirmed";
  world.tell({ kind: "saleSettled", receipt: { ...receipt }, cart: "none" });
  world.tell({ kind: "changed", topics: ["sales", "sync"] });
}

function refuseSale(world: World, receipt: ReceiptView, sold: Cart, available: number): void {
  const first = receipt.lines[0];
  const reason: Problem = {
    code: "stock_insufficient",
    params: { product: first?.name ?? "", asked: first?.count ?? 0, available },
  };
  const settled = settlementOf(world, receipt, "withdrawn", "stock_insufficient");
  Object.assign(receipt, { state: "reversed", reason, settled });
  moveStock(world, receipt, 1);
  world.refuseNext = null;
  const back: Cart = {
    ...sold,
    lines: sold.lines.map((line, index) => (index === 0 ? { ...line, refusedAvailable: available } : line)),
    returnedFrom: {
      number: receipt.number,
      reason,
      paid: receipt.total,
      afterMs: Date.now() - receipt.occurredAt,
    },
  };
  back.current = back.lines[0]?.line ?? null;
  const into = world.refuseInto === "open" && world.cart.lines.length === 0 ? "open" : "held";
  if (into === "open") world.cart = back;
  else world.held.unshift({ ...back, heldAt: Date.now() });
  world.tell({ kind: "saleSettled", receipt: { ...receipt }, cart: into });
  world.tell({ kind: "changed", topics: ["cart", "sales", "stock", "sync"] });
}

function rowOf(sale: ReceiptView): SaleRow {
  const { uid, number, occurredAt, till, cashier, total, state, reason } = sale;
  const summary = sale.lines.map((line) => line.name).join(", ");
  const settled = sale.settled && !sale.settled.superseded ? sale.settled.decision : null;
  const [lines, flagged] = [sale.lines.length, sale.flags.length > 0];
  return { uid, number, occurredAt, till, cashier, lines, summary, total, state, reason, settled, flagged };
}

function find(world: World, uid: string): ReceiptView {
  return (
    world.sales.find((known) => known.uid === uid) ?? refuse("reference_missing", { entity: "sale", uid })
  );
}

export function listSales(world: World, args: ListSalesArgs): SalesPage {
  const text = fold(args.text);
  const found = world.sales
    .filter((sale) => !args.flagged || sale.flags.length > 0)
    .filter((sale) => args.states.length === 0 || args.states.includes(sale.state))
    .filter((sale) =>
      fold(JSON.stringify([sale.number, sale.number.replace(/\s/g, ""), sale.lines])).includes(text),
    );
  const from = Number(args.after ?? 0);
  const midnight = new Date().setHours(0, 0, 0, 0);
  const today = world.sales.filter((sale) => sale.occurredAt >= midnight && sale.state !== "reversed");
  return {
    rows: found.slice(from, from + args.limit).map(rowOf),
    next: from + args.limit < found.length ? String(from + args.limit) : null,
    held: listHeld(world),
    todayCount: today.length,
    todayTotal: today.reduce((sum, sale) => sum + sale.total, 0),
  };
}

export function receipt(world: World, uid: string): ReceiptView {
  return { ...find(world, uid) };
}
