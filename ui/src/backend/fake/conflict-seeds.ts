import type { CellKind } from "../../contract/CellKind";
import type { ConflictField } from "../../contract/ConflictField";
import type { ConflictKindName } from "../../contract/ConflictKindName";
import type { ConflictView } from "../../contract/ConflictView";
import { oldProducts } from "./twins";
import type { World } from "./world";

const MINUTE = 60_000;

interface Cell {
  path: string;
  kind: CellKind;
  base: unknown;
  till: unknown;
  hub: unknown;
  now?: unknown;
  partLabel?: string;
  shown?: Partial<ConflictField["shown"]>;
  nullable?: boolean;
  refers?: string;
}

function field(cell: Cell): ConflictField {
  const pieces = cell.path.split("/");
  const now = "now" in cell ? cell.now : cell.hub;
  const text = (value: unknown): string => (value === null ? "" : String(value));
  return {
    path: cell.path,
    column: pieces.length === 2 ? (pieces[0] ?? "") : (pieces.at(-1) ?? ""),
    part: pieces.length > 1 ? (pieces[0] ?? null) : null,
    partLabel: cell.partLabel ?? null,
    kind: cell.kind,
    nullable: cell.nullable ?? false,
    refers: cell.refers ?? null,
    base: cell.base,
    till: cell.till,
    hub: cell.hub,
    now,
    shown: {
      base: text(cell.base),
      till: text(cell.till),
      hub: text(cell.hub),
      now: cell.shown?.hub ?? text(now),
      ...cell.shown,
    },
  };
}

interface Seed {
  entity: string;
  row: string;
  label: string;
  kind?: ConflictKindName;
  device?: string;
  ago: number;
  cells: Cell[];
}

function conflict(seed: Seed, index: number): ConflictView {
  const at = Date.now() - seed.ago * MINUTE;
  const fields = seed.cells.map(field);
  return {
    summary: {
      uid: `conflict-${index}`,
      entity: seed.entity,
      row: seed.row,
      label: seed.label,
      kind: seed.kind ?? "edit",
      fields: fields.map(({ path }) => path),
      device: seed.device ?? "Caisse 2",
      editedBy: "Aïssatou Bah",
      editedAt: at,
      hubBy: "Ibrahima Sory Condé",
      hubAt: at - 14 * MINUTE,
      hubDevice: seed.device === "Caisse 1" ? "Caisse 2" : "Caisse 1",
      state: "open",
      resolvedAt: null,
      resolvedBy: null,
      taken: null,
    },
    archived: seed.kind === "delete",
    fields,
    resolution: null,
  };
}

const PRICE: Seed = {
  entity: "product",
  row: "product-1",
  label: "Coartem 20/120 mg",
  ago: 6,
  cells: [
    {
      path: "units/0/price",
      kind: "money",
      base: 45_000,
      till: 48_500,
      hub: 47_000,
      partLabel: "boîte",
      nullable: true,
    },
  ],
};
const LOT: Seed = {
  entity: "productBatch",
  row: "lot-1-0",
  label: "Coartem 20/120 mg, lot X2217",
  ago: 33,
  cells: [
    {
      path: "expiry",
      kind: "date",
      base: "2026-12-31",
      till: "2027-01-31",
      hub: "2027-06-30",
      nullable: true,
    },
    { path: "lotNumber", kind: "text", base: "X2217", till: "X2217A", hub: "X22I7" },
    { path: "packCost", kind: "money", base: 36_000, till: 37_500, hub: 36_500, now: 36_800, nullable: true },
  ],
};
const SUPPLIER: Seed = {
  entity: "supplier",
  row: "supplier-0",
  label: "Spharma Guinée",
  device: "Caisse 1",
  ago: 95,
  cells: [
    { path: "phone", kind: "text", base: "622 30 10 10", till: "622 30 10 11", hub: "664 30 10 10" },
    {
      path: "address",
      kind: "text",
      base: "Kaloum, Conakry",
      till: "Marché de Madina, immeuble Barry, 2ᵉ étage, porte gauche, Conakry",
      hub: "Matam, Conakry",
    },
  ],
};
const DELETED: Seed = {
  entity: "product",
  row: "product-5",
  label: "Amlodipine 5 mg",
  kind: "delete",
  ago: 140,
  cells: [
    {
      path: "archivedAt",
      kind: "instant",
      base: null,
      till: null,
      hub: Date.now() - 150 * MINUTE,
      nullable: true,
    },
    {
      path: "name",
      kind: "text",
      base: "Amlodipine 5 mg",
      till: "Amlodipine 5 mg cp",
      hub: "Amlodipine 5 mg",
    },
  ],
};
const TWIN: Seed = {
  entity: "customer",
  row: "customer-2",
  label: "Mariama Kaba Diallo",
  kind: "twin",
  ago: 260,
  cells: [
    {
      path: "phone",
      kind: "text",
      base: null,
      till: "customer-2",
      hub: ["customer-1"],
      shown: { base: "", till: "Mariama Kaba Diallo · 628 11 22 33", hub: "Mariama Kaba · 628 11 22 33" },
    },
  ],
};
/** Opened here under another name while Caisse 1 had it, and an old record of it still bore its code. */
const ALIKE: Seed = {
  entity: "product",
  row: "product-new",
  label: "Doliprane 1 g",
  kind: "twin",
  ago: 48,
  cells: [
    {
      path: "codes.code",
      kind: "ref",
      base: null,
      till: "product-new",
      hub: ["product-0", "product-split", "product-old"],
      shown: {
        base: "",
        till: "Doliprane 1 g",
        hub: "Doliprane 1000 mg, Doliprane 1000 mg, au détail, Doliprane adulte 1 g (ancien)",
      },
    },
  ],
};
const ROWS: Seed = {
  entity: "product",
  row: "product-3",
  label: "Zinc 20 mg",
  device: "Caisse 1",
  ago: 1_500,
  cells: [
    {
      path: "units/3",
      kind: "rows",
      base: null,
      till: { name: "sachet", factor: 20, price: 11_000 },
      hub: { name: "blister", factor: 20, price: 12_000 },
      shown: { base: "", till: "sachet de 20, 11 000 GNF", hub: "blister de 20, 12 000 GNF" },
    },
    {
      path: "supplier",
      kind: "ref",
      base: "supplier-0",
      till: "supplier-1",
      hub: "supplier-2",
      refers: "supplier",
      nullable: true,
      shown: { base: "Spharma Guinée", till: "Laborex", hub: "Ubipharm" },
    },
    { path: "returnable", kind: "bool", base: false, till: true, hub: false },
  ],
};
const SEEDS = [PRICE, LOT, SUPPLIER, DELETED, TWIN, ROWS];

/** A product that may be one of three others, whose rows are then on the shelf. */
export function alike(world: World): ConflictView {
  world.products.push(...oldProducts(world));
  return conflict(ALIKE, 9_999);
}

/** The first few are worth looking at; beyond them prices that were changed twice, as after a day without a network. */
export function seeded(world: World, count: number): ConflictView[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = SEEDS[index];
    if (seed) return conflict(seed, index);
    const product = world.products[index % world.products.length];
    const price = 10_000 + ((index * 700) % 90_000);
    const cells: Cell[] = [
      {
        path: "units/0/price",
        kind: "money",
        base: price,
        till: price + 500,
        hub: price + 1_000,
        partLabel: "boîte",
        nullable: true,
      },
    ];
    const numbered = { label: `${product?.name ?? ""} n° ${index}`, row: `product-${index}` };
    return conflict({ entity: "product", ...numbered, ago: 1_500 + index, cells }, index);
  });
}
