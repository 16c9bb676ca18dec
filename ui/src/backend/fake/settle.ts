import type { DecisionName } from "../../contract/DecisionName";
import type { ReceiptView } from "../../contract/ReceiptView";
import type { SettleSaleArgs } from "../../contract/SettleSaleArgs";
import type { SettlementView } from "../../contract/SettlementView";
import type { ToSettleView } from "../../contract/ToSettleView";
import { ticketNumber } from "./cart";
import { refuse, type World } from "./world";

/** A decision on a refused ticket: a ticket of its own. */
export function settlementOf(
  world: World,
  sale: ReceiptView,
  decision: DecisionName,
  reason: string,
): SettlementView {
  return {
    uid: crypto.randomUUID(),
    number: ticketNumber(world.nextSale++),
    till: world.settings.till,
    by: world.session?.name ?? sale.cashier,
    occurredAt: Date.now(),
    decision,
    reason,
    total: decision === "cancelled" ? sale.total : 0,
    superseded: false,
  };
}

function availableOf(world: World, name: string): number {
  const lots = world.products.find((product) => product.name === name)?.lots ?? [];
  return lots.filter((lot) => !lot.blocked).reduce((sum, lot) => sum + Math.max(0, lot.quantity), 0);
}

function waiting(world: World, sale: ReceiptView): ToSettleView {
  const { uid, number, till, cashier, occurredAt, total, customer, reason, payments } = sale;
  const lines = sale.lines.map(({ line, name, unit, count, quantity }) => {
    const available = availableOf(world, name);
    return { line, name, unit, count, quantity, available, short: Math.max(0, quantity - available) };
  });
  return {
    uid,
    number,
    till,
    seller: cashier,
    occurredAt,
    total,
    customer,
    reason,
    lines,
    payments,
    toGiveBack: payments,
  };
}

export function listToSettle(world: World): ToSettleView[] {
  const open = world.sales.filter((sale) => sale.state === "reversed" && !sale.settled);
  return open.reverse().map((sale) => waiting(world, sale));
}

export function settleSale(world: World, args: SettleSaleArgs): ReceiptView {
  if (world.session?.role === "cashier" || world.session?.role === "pharmacist")
    refuse("forbidden", { permission: "settle_sale" });
  const sale = world.sales.find((known) => known.uid === args.sale);
  if (!sale) return refuse("reference_missing", { entity: "sale", uid: args.sale });
  if (world.settledElsewhere) {
    const other = settlementOf(world, sale, "kept", "parti");
    sale.settled = { ...other, till: "Caisse 1", by: world.settledElsewhere };
  }
  const { number, settled } = sale;
  if (settled) refuse("already_settled", { number, by: settled.by, till: settled.till });
  if (sale.state !== "reversed") refuse("ticket_not_refused", { number });
  if (args.reason.trim().length < 3) refuse("reason_missing");
  sale.settled = settlementOf(world, sale, args.decision, args.reason.trim());
  if (args.decision === "kept") sale.state = "regularised";
  world.tell({ kind: "changed", topics: ["sales", "stock", "sync"] });
  return { ...sale };
}

export function printTicket(world: World, uid: string): ReceiptView {
  const sale =
    world.sales.find((known) => known.uid === uid) ?? refuse("reference_missing", { entity: "sale", uid });
  if (sale.settled?.decision === "withdrawn") refuse("ticket_withdrawn", { number: sale.number });
  sale.paperWaits = false;
  return { ...sale };
}
