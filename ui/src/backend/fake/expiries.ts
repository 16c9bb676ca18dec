import type { ExpiriesArgs } from "../../contract/ExpiriesArgs";
import type { ExpiryReport } from "../../contract/ExpiryReport";
import type { ExpiryRow } from "../../contract/ExpiryRow";
import type { ExpirySummary } from "../../contract/ExpirySummary";
import type { ExpiryTotals } from "../../contract/ExpiryTotals";
import type { ExportedFile } from "../../contract/ExportedFile";
import { fold } from "../../lib/marked";
import { daysLeft, hitOf, inUnits } from "./stock";
import { isoDay, refuse, type World } from "./world";

const SUPPLIERS = ["Spharma Guinée", "Laborex", ""];
const COST = 0.72;

function bandOf(world: World, days: number): number {
  if (days < 0) return 0;
  const at = world.settings.expiryThresholds.findIndex((end) => days <= end);
  return at < 0 ? -1 : at + 1;
}

function all(world: World): ExpiryRow[] {
  const costs = world.session?.permissions.includes("see_cost") ?? false;
  const rows = world.products.flatMap((product, at) =>
    product.lots.map((lot): ExpiryRow => {
      const unit = product.units[0];
      const boxes = Math.ceil(lot.quantity / (unit?.factor ?? 1));
      const atPrice = unit?.price ? Math.round((unit.price * lot.quantity) / unit.factor) : null;
      return {
        batch: lot.uid,
        product: product.uid,
        name: product.name,
        detail: product.detail,
        code: hitOf(product).code,
        lotNumber: lot.lotNumber,
        expiry: lot.expiry,
        daysLeft: daysLeft(lot.expiry),
        band: bandOf(world, daysLeft(lot.expiry)),
        quantity: lot.quantity,
        quantityText: inUnits(product, lot.quantity),
        boxes,
        atPrice,
        atCost: costs && atPrice !== null && at !== 9 ? Math.round(atPrice * COST) : null,
        supplier: SUPPLIERS[at % SUPPLIERS.length] ?? "",
        blocked: lot.blocked,
        recountOpen: false,
      };
    }),
  );
  return rows.filter((row) => row.band >= 0 && row.quantity > 0);
}

function totals(rows: ExpiryRow[], costs: boolean): ExpiryTotals {
  const sum = (of: (row: ExpiryRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    lots: rows.length,
    boxes: sum((row) => row.boxes),
    atPrice: sum((row) => row.atPrice ?? 0),
    unpriced: rows.filter((row) => row.atPrice === null).length,
    atCost: costs ? sum((row) => row.atCost ?? 0) : null,
    uncosted: costs ? rows.filter((row) => row.atCost === null).length : null,
  };
}

function matches(row: ExpiryRow, text: string): boolean {
  const words = fold(`${row.name} ${row.detail} ${row.code} ${row.lotNumber} ${row.supplier}`).split(
    /[^a-z0-9]+/,
  );
  const typed = fold(text).split(/\s+/).filter(Boolean);
  return typed.every((part) => words.some((word) => word.startsWith(part)));
}

const ORDER: Record<ExpiriesArgs["sort"], (a: ExpiryRow, b: ExpiryRow) => number> = {
  expiry: () => 0,
  product: (a, b) => a.name.localeCompare(b.name, "fr"),
  supplier: (a, b) => a.supplier.localeCompare(b.supplier, "fr"),
  value: (a, b) => (b.atCost ?? b.atPrice ?? 0) - (a.atCost ?? a.atPrice ?? 0),
};

export function report(world: World, args: ExpiriesArgs): ExpiryReport {
  if (world.expiriesFail) refuse("store_busy");
  const costs = world.session?.permissions.includes("see_cost") ?? false;
  const found = all(world);
  const asked = found.filter(
    (row) => matches(row, args.text) && (args.supplier === null || row.supplier === args.supplier),
  );
  const ends = [null, ...world.settings.expiryThresholds];
  const of = (place: number): ExpiryRow[] => asked.filter((row) => row.band === place);
  return {
    today: isoDay(0),
    bands: ends.map((days, place) => ({ days, ...totals(of(place), costs) })),
    total: totals(asked, costs),
    suppliers: [...new Set(found.map((row) => row.supplier))].sort((a, b) => a.localeCompare(b, "fr")),
    rows: (args.band === null ? asked : of(args.band)).sort(
      (a, b) =>
        ORDER[args.sort](a, b) || a.expiry.localeCompare(b.expiry) || a.name.localeCompare(b.name, "fr"),
    ),
    leftOff: 0,
    costShown: costs,
  };
}

export function exportFile(world: World, args: ExpiriesArgs): ExportedFile {
  return { path: `/home/caisse/perimes-${isoDay(0)}.csv`, rows: report(world, args).rows.length };
}

export function summary(world: World): ExpirySummary {
  const rows = all(world);
  const ends = [null, ...world.settings.expiryThresholds];
  const news = ends.map((days, place) => {
    const { lots, atPrice } = totals(
      rows.filter((row) => row.band === place),
      false,
    );
    return { days, lots, atPrice };
  });
  return {
    due: rows.filter((row) => row.band <= 1).length,
    news: world.expiriesTold ? [] : news.filter((entered) => entered.lots > 0),
  };
}

export function tell(world: World, words: { title: string; body: string }): null {
  if (!world.expiriesTold) world.told = [...(world.told ?? []), words];
  world.expiriesTold = true;
  return null;
}
