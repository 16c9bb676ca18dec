import type { ConflictView } from "../../contract/ConflictView";
import type { MergeArgs } from "../../contract/MergeArgs";
import type { MergeCount } from "../../contract/MergeCount";
import type { MergePreview } from "../../contract/MergePreview";
import type { MergeSide } from "../../contract/MergeSide";
import type { Problem } from "../../contract/Problem";
import type { UnitView } from "../../contract/UnitView";
import { cardName } from "./cards";
import { news, readConflict, settle, stillOpen, undoResolution } from "./conflicts";
import { logged } from "./log";
import { DAY, refuse, type Product, type World } from "./world";

/** What the fake knows of a row beside its name: days since it was made, and what names it. */
interface Known {
  age: number;
  archived?: boolean;
  named: Record<string, number>;
}

const KNOWN: Record<string, Known> = {
  "customer-1": { age: 402, named: { sale: 31, creditPayment: 6 } },
  "customer-2": { age: 0.2, named: { sale: 2, creditPayment: 1 } },
  "product-0": { age: 871, named: { productSupplier: 2, supplierOrderItem: 5, sale: 1_204 } },
  "product-new": { age: 0.3, named: { supplierOrderItem: 1, sale: 12 } },
  "product-split": { age: 516, named: { sale: 48 } },
  "product-old": { age: 1_930, archived: true, named: { sale: 655, saleReturn: 1 } },
};

const ROW = { dci: "paracétamol", detail: "comprimé · paracétamol" };
const EXPIRY = "2028-03-31";

/** One opened here today, one that is sold by the tablet too, and an old one that was archived. */
export function oldProducts(world: World): Product[] {
  const box: UnitView[] = structuredClone(world.products[0]?.units ?? []);
  const tablet: UnitView = { position: 1, name: "comprimé", factor: 1, price: 2_500 };
  const lot = (uid: string, lotNumber: string, quantity: number) => ({
    ...{ uid, lotNumber, quantity, expiry: EXPIRY, blocked: null },
  });
  return [
    {
      ...{ ...ROW, uid: "product-new", name: "Doliprane 1 g", units: box, codes: [] },
      lots: [lot("lot-new-0", "DL5120", 6), lot("lot-new-1", "DL5121", 3)],
    },
    {
      ...{ ...ROW, uid: "product-split", name: "Doliprane 1000 mg, au détail", codes: [] },
      units: [...box.map((unit) => ({ ...unit, factor: 8 })), tablet],
      lots: [lot("lot-split-0", "DL3902", 20)],
    },
    { ...ROW, uid: "product-old", name: "Doliprane adulte 1 g (ancien)", units: box, codes: [], lots: [] },
  ];
}

const product = (world: World, uid: string): Product | undefined =>
  world.products.find((one) => one.uid === uid);

function side(world: World, uid: string): MergeSide {
  const sold = product(world, uid);
  const known = KNOWN[uid];
  const label = sold?.name ?? cardName(uid);
  if (!known || !label) refuse("field_invalid", { field: "winner" });
  return {
    ...{ uid, label, archived: known.archived ?? false },
    createdAt: Date.now() - known.age * DAY,
    stock: sold ? sold.lots.reduce((sum, lot) => sum + lot.quantity, 0) : null,
  };
}

/** Lots come first, as the declaration has them. */
function moves(world: World, loser: string): MergeCount[] {
  const lots = product(world, loser)?.lots.length ?? 0;
  const named = Object.entries(KNOWN[loser]?.named ?? {});
  return [...(lots ? [["productBatch", lots] as const] : []), ...named].map(([entity, count]) => ({
    entity,
    count,
  }));
}

function problem(world: World, winner: MergeSide, loser: MergeSide): Problem | null {
  const factors = (uid: string): number[] => product(world, uid)?.units.map(({ factor }) => factor) ?? [];
  if (winner.archived) return { code: "row_archived", params: { entity: "product" } };
  const kept = factors(winner.uid);
  const differ = factors(loser.uid).some((factor) => !kept.includes(factor));
  return differ ? { code: "units_differ", params: { part: "units" } } : null;
}

function between({ fields, summary }: ConflictView, { winner, loser }: MergeArgs): boolean {
  const alike = fields[0]?.hub as string[];
  return (
    summary.kind === "twin" &&
    ((winner === summary.row && alike.includes(loser)) || (loser === summary.row && alike.includes(winner)))
  );
}

export function previewMerge(world: World, args: MergeArgs): MergePreview {
  const one = readConflict(world, args.uid);
  if (!between(one, args)) refuse("field_invalid", { field: "winner" });
  const [winner, loser] = [side(world, args.winner), side(world, args.loser)];
  return {
    ...{ entity: one.summary.entity, winner, loser, moves: moves(world, loser.uid) },
    stock: winner.stock === null || loser.stock === null ? null : winner.stock + loser.stock,
    problem: problem(world, winner, loser),
  };
}

/** What went into another row, by the conflict that asked. */
const parted = new Map<string, ReturnType<typeof product>>();

/** Undoes a resolution; a row that went into another is there again, with its lots and codes. */
export function undo(world: World, uid: string): ConflictView {
  const one = undoResolution(world, uid);
  const gone = parted.get(uid);
  const kept = product(world, one.summary.row);
  if (!gone || !kept) return one;
  kept.lots = kept.lots.filter((lot) => !gone.lots.includes(lot));
  kept.codes = kept.codes.filter((code) => !gone.codes.includes(code));
  world.products.push(gone);
  parted.delete(uid);
  return one;
}

export function mergeTwins(world: World, args: MergeArgs): ConflictView {
  const { entity, winner, loser, problem: stands } = previewMerge(world, args);
  const one = stillOpen(world, args.uid);
  if (stands) refuse(stands.code, stands.params);
  const [kept, gone] = [product(world, winner.uid), product(world, loser.uid)];
  kept?.lots.push(...(gone?.lots ?? []));
  kept?.codes.push(...(gone?.codes ?? []));
  world.products = world.products.filter(({ uid }) => uid !== loser.uid);
  logged(world, {
    ...{ entity, uid: winner.uid, label: winner.label, field: "uid", kind: "merge", strategy: "merged" },
    ...{ old: loser.uid, new: winner.uid, shownOld: loser.label, shownNew: winner.label },
  });
  Object.assign(one.summary, { row: winner.uid, label: winner.label });
  settle(world, one, "merged", {});
  if (one.resolution) one.resolution.canUndo = world.online;
  parted.set(one.summary.uid, gone);
  news(world);
  return one;
}
