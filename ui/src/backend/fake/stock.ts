import type { LotChoice } from "../../contract/LotChoice";
import type { LotTake } from "../../contract/LotTake";
import type { LotView } from "../../contract/LotView";
import type { Problem } from "../../contract/Problem";
import type { ProductHit } from "../../contract/ProductHit";
import type { Standing } from "../../contract/Standing";
import { DAY, isoDay, refuse, type Lot, type OpenLine, type Product, type World } from "./world";

export function productOf(world: World, uid: string): Product {
  return (
    world.products.find((product) => product.uid === uid) ??
    refuse("reference_missing", { entity: "product", uid })
  );
}

export function daysLeft(expiry: string): number {
  return Math.round((new Date(expiry).getTime() - new Date(isoDay(0)).getTime()) / DAY);
}

const isExpired = (lot: Lot): boolean => daysLeft(lot.expiry) < 0;

/** Lots that may be sold, first to expire first. */
export function fefo(product: Product): Lot[] {
  return product.lots
    .filter((lot) => lot.quantity > 0 && !lot.blocked && !isExpired(lot))
    .sort((a, b) => a.expiry.localeCompare(b.expiry));
}

export const sellable = (product: Product): number =>
  fefo(product).reduce((sum, lot) => sum + lot.quantity, 0);

/** `38 bt + 4 pl`. */
export function inUnits(product: Product, quantity: number): string {
  if (product.units.length === 1) return quantity.toString();
  const parts: string[] = [];
  let rest = quantity;
  for (const unit of product.units) {
    const count = Math.floor(rest / unit.factor);
    rest -= count * unit.factor;
    if (count > 0) parts.push(`${count} ${unit.name === "boîte" ? "bt" : unit.name.slice(0, 2)}`);
  }
  return parts.join(" + ") || "0";
}

function standing(product: Product): Standing {
  const first = fefo(product)[0];
  if (!first) return product.lots.some((lot) => lot.quantity > 0) ? "withheld" : "outOfStock";
  if (!product.units[0]?.price) return "unpriced";
  return daysLeft(first.expiry) <= 90 ? "expiringSoon" : "sellable";
}

export function hitOf(product: Product): ProductHit {
  const first = fefo(product)[0] ?? product.lots[0];
  const quantity = sellable(product);
  return {
    uid: product.uid,
    name: product.name,
    detail: product.detail,
    code: product.codes[0]?.code ?? "",
    unit: product.units[0] ?? refuse("internal", { detail: "unit" }),
    sellable: quantity,
    sellableText: inUnits(product, quantity),
    lotNumber: first?.lotNumber ?? "",
    expiry: first?.expiry ?? null,
    daysLeft: first ? daysLeft(first.expiry) : null,
    standing: standing(product),
  };
}

export function lotView(product: Product, lot: Lot): LotView {
  return {
    uid: lot.uid,
    lotNumber: lot.lotNumber,
    expiry: lot.expiry,
    daysLeft: daysLeft(lot.expiry),
    quantity: lot.quantity,
    quantityText: inUnits(product, lot.quantity),
    blocked: lot.blocked,
    recountOpen: false,
    quarantine: false,
    supplier: "Spharma Guinée",
  };
}

/** Which lots a line is taken from; fewer than asked where there is not enough. */
export function takes(product: Product, line: OpenLine): LotTake[] {
  const wanted = line.count * (product.units[line.unit]?.factor ?? 1);
  const order = fefo(product);
  const chosen = order.find((lot) => lot.uid === line.chosen?.batch);
  const lots = chosen ? [chosen, ...order.filter((lot) => lot !== chosen)] : order;
  const found: LotTake[] = [];
  let rest = wanted;
  for (const lot of lots) {
    if (rest <= 0) break;
    const quantity = Math.min(rest, lot.quantity);
    rest -= quantity;
    found.push({
      batch: lot.uid,
      lotNumber: lot.lotNumber,
      expiry: lot.expiry,
      daysLeft: daysLeft(lot.expiry),
      quantity,
      source: lot === chosen ? (line.chosen?.source ?? "assumed") : "assumed",
    });
  }
  return found;
}

function refusal(lot: Lot): Problem | null {
  if (lot.blocked) return { code: "lot_blocked", params: { lot: lot.lotNumber, reason: lot.blocked } };
  if (isExpired(lot)) return { code: "lot_expired", params: { lot: lot.lotNumber, expiry: lot.expiry } };
  if (lot.quantity === 0) return { code: "lot_empty", params: { lot: lot.lotNumber } };
  return null;
}

export function lotChoices(product: Product, line: OpenLine): LotChoice[] {
  const taken = takes(product, line);
  const first = fefo(product)[0];
  return [...product.lots]
    .sort(
      (a, b) => Number(refusal(a) !== null) - Number(refusal(b) !== null) || a.expiry.localeCompare(b.expiry),
    )
    .map((lot) => ({
      batch: lot.uid,
      lotNumber: lot.lotNumber,
      expiry: lot.expiry,
      daysLeft: daysLeft(lot.expiry),
      quantity: lot.quantity,
      taken: taken.find((take) => take.batch === lot.uid)?.quantity ?? 0,
      first: lot === first,
      refused: refusal(lot),
    }));
}

/** Why nothing of this product can be sold at all. */
export function withheld(product: Product): Problem | null {
  if (fefo(product).length > 0) return null;
  const lot = product.lots.find((candidate) => candidate.quantity > 0);
  return lot ? refusal(lot) : null;
}
