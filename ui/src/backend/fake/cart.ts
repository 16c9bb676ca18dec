import type { CartLine } from "../../contract/CartLine";
import type { CartView } from "../../contract/CartView";
import type { HeldTicket } from "../../contract/HeldTicket";
import type { Nudge } from "../../contract/Nudge";
import type { Problem } from "../../contract/Problem";
import type { ScanView } from "../../contract/ScanView";
import { fefo, hitOf, inUnits, productOf, sellable, takes, withheld } from "./stock";
import { emptyCart, refuse, type Cart, type OpenLine, type Product, type World } from "./world";

const IN_HAND_PER_DAY = 3;

export const ticketNumber = (n: number): string =>
  `2-${Math.floor(n / 1000)
    .toString()
    .padStart(3, "0")} ${(n % 1000).toString().padStart(3, "0")}`;

function nudgeOf(product: Product, line: OpenLine, asked: number): Nudge | null {
  if (line.inHand) return null;
  if (line.refusedAvailable !== null) return { kind: "refused", asked, available: line.refusedAvailable };
  if (!product.units[line.unit]?.price) return { kind: "unpriced" };
  const available = sellable(product);
  if (asked > available) return { kind: "short", asked, available };
  const first = fefo(product)[0];
  if (first && line.chosen?.source === "scanned" && line.chosen.batch !== first.uid) {
    return {
      kind: "shorterLot",
      batch: first.uid,
      lotNumber: first.lotNumber,
      expiry: first.expiry,
      quantity: first.quantity,
    };
  }
  return null;
}

function lineView(world: World, line: OpenLine): CartLine {
  const product = productOf(world, line.product);
  const unit = product.units[line.unit] ?? refuse("field_invalid", { field: "unit" });
  const asked = line.count * unit.factor;
  const left = Math.max(0, sellable(product) - asked);
  return {
    line: line.line,
    product: product.uid,
    name: product.name,
    detail: product.detail,
    unit,
    units: product.units,
    count: line.count,
    unitPrice: unit.price,
    discount: 0,
    discountGiven: null,
    amount: (unit.price ?? 0) * line.count,
    lots: takes(product, line),
    left,
    leftText: inUnits(product, left),
    inHand: line.inHand,
    nudge: nudgeOf(product, line, asked),
  };
}

function blockerOf(lines: CartLine[]): Problem | null {
  for (const line of lines) {
    if (line.nudge?.kind === "unpriced") return { code: "unpriced", params: { product: line.name } };
    if (line.nudge?.kind === "short" || line.nudge?.kind === "refused") {
      const { asked, available } = line.nudge;
      return { code: "stock_insufficient", params: { product: line.name, asked, available } };
    }
  }
  return null;
}

export function cartView(world: World): CartView {
  const lines = world.cart.lines.map((line) => lineView(world, line));
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const last = world.sales.find((sale) => sale.cashier === world.session?.name);
  return {
    nextNumber: ticketNumber(world.nextSale),
    openedAt: world.cart.openedAt,
    lines,
    current: world.cart.current,
    subtotal: total,
    discount: 0,
    discountGiven: null,
    rounding: 0,
    total,
    units: lines.reduce((sum, line) => sum + line.count, 0),
    blocker: blockerOf(lines),
    returnedFrom: world.cart.returnedFrom,
    held: world.held.length,
    last: last
      ? { uid: last.uid, number: last.number, total: last.total, change: last.change, state: last.state }
      : null,
  };
}

function put(world: World, product: Product, count: number, unit = 0, batch: string | null = null): void {
  const same = world.cart.lines.find((line) => line.product === product.uid && line.unit === unit);
  world.cart.openedAt ??= Date.now();
  if (same) same.count += count;
  const line: OpenLine = same ?? {
    line: Math.max(0, ...world.cart.lines.map((other) => other.line)) + 1,
    product: product.uid,
    unit,
    count,
    chosen: null,
    inHand: false,
    refusedAvailable: null,
  };
  if (batch) line.chosen = { batch, source: "scanned" };
  if (!same) world.cart.lines.push(line);
  world.cart.current = line.line;
}

export function addProduct(world: World, uid: string, count: number, unit: number | null): CartView {
  const product = productOf(world, uid);
  const problem = withheld(product);
  if (problem) throw problem;
  put(world, product, count, unit ?? 0);
  return cartView(world);
}

/** A code, or a GS1 text `01GTIN…10LOT` of which the lot is read. */
export function scan(world: World, code: string, count: number): ScanView {
  const answer = (
    outcome: ScanView["outcome"],
    problem: Problem | null = null,
    product: string | null = null,
  ): ScanView => ({
    outcome,
    problem,
    product,
    candidates: [],
    cart: cartView(world),
  });
  if (code.length > 200)
    return answer("unknown", { code: "code_too_long", params: { length: code.length, max: 200 } });
  const gs1 = /^(?:\]d2)?01(\d{14})(?:17\d{6})?10(.+)$/.exec(code.split("\u001d")[0] ?? "");
  const bare = gs1 ? (gs1[1] ?? "").slice(1) : code;
  const found = world.products.filter((product) => product.codes.some((known) => known.code === bare));
  if (found.length > 1)
    return { ...answer("ambiguous", { code: "code_ambiguous", params: {} }), candidates: found.map(hitOf) };
  const product = found[0];
  if (!product) return answer("unknown", { code: "code_unknown", params: { code: bare } });
  const problem = withheld(product);
  if (problem) return answer("refused", problem, product.uid);
  put(world, product, count, 0, product.lots.find((lot) => lot.lotNumber === gs1?.[2])?.uid ?? null);
  return answer("added", null, product.uid);
}

export function lineOf(world: World, line: number): OpenLine {
  return world.cart.lines.find((open) => open.line === line) ?? refuse("field_invalid", { field: "line" });
}

export function setQuantity(world: World, line: number, count: number, unit: number | null): CartView {
  if (count < 1 || count > 9999) refuse("quantity_invalid", { min: 1, max: 9999 });
  const open = lineOf(world, line);
  open.count = count;
  open.unit = unit ?? open.unit;
  open.refusedAvailable = null;
  world.cart.current = line;
  return cartView(world);
}

export function removeLine(world: World, line: number): CartView {
  world.cart.lines = world.cart.lines.filter((open) => open.line !== line);
  world.cart.current = world.cart.lines.at(-1)?.line ?? null;
  if (world.cart.lines.length === 0) world.cart = emptyCart(world.session?.uid);
  return cartView(world);
}

export function chooseLot(world: World, line: number, batch: string | null, reason: string): CartView {
  const open = lineOf(world, line);
  const first = fefo(productOf(world, open.product))[0];
  if (batch && batch !== first?.uid && reason.trim().length < 3) refuse("reason_missing");
  open.chosen = batch && batch !== first?.uid ? { batch, source: "chosen" } : null;
  return cartView(world);
}

export function markInHand(world: World, line: number, inHand: boolean): CartView {
  const used = world.cart.lines.filter((open) => open.inHand).length;
  if (inHand && used >= IN_HAND_PER_DAY) refuse("in_hand_limit", { limit: IN_HAND_PER_DAY });
  const open = lineOf(world, line);
  open.inHand = inHand;
  open.refusedAvailable = null;
  return cartView(world);
}

export function hold(world: World): CartView {
  if (world.cart.lines.length === 0) refuse("cart_empty");
  world.held.unshift({ ...world.cart, heldAt: Date.now() });
  world.cart = emptyCart(world.session?.uid);
  world.tell({ kind: "changed", topics: ["sales", "sync"] });
  return cartView(world);
}

export function recall(world: World, uid: string): CartView {
  const cart =
    world.held.find((held) => held.uid === uid) ?? refuse("reference_missing", { entity: "cart", uid });
  world.held = world.held.filter((held) => held !== cart);
  if (world.cart.lines.length > 0) world.held.push({ ...world.cart, heldAt: Date.now() });
  world.cart = cart;
  world.tell({ kind: "changed", topics: ["sales", "sync", "cart"] });
  return cartView(world);
}

export function heldTicket(world: World, cart: Cart): HeldTicket {
  const lines = cart.lines.map((line) => lineView(world, line));
  return {
    cart: cart.uid,
    heldAt: cart.heldAt,
    user: world.people.find((person) => person.uid === cart.user)?.name ?? "",
    lines: lines.length,
    summary: lines.map((line) => line.name).join(", "),
    total: lines.reduce((sum, line) => sum + line.amount, 0),
    returnedFrom: cart.returnedFrom,
  };
}

export function listHeld(world: World): HeldTicket[] {
  const rank = (cart: Cart) => Number(cart.returnedFrom === null);
  return [...world.held].sort((a, b) => rank(a) - rank(b)).map((cart) => heldTicket(world, cart));
}
