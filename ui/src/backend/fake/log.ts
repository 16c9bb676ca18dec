import type { ChangeLogArgs } from "../../contract/ChangeLogArgs";
import type { LogLine } from "../../contract/LogLine";
import type { LogPage } from "../../contract/LogPage";
import type { RowHistoryArgs } from "../../contract/RowHistoryArgs";
import type { ExportedFile } from "../../contract/ExportedFile";
import { fold } from "../../lib/marked";
import { refuse, type World } from "./world";

const MINUTE = 60_000;
const DEVICES: Record<string, string> = { "device-1": "Caisse 1", "device-2": "Caisse 2" };

type Told = Pick<LogLine, "entity" | "uid" | "label" | "field" | "old" | "new" | "kind"> &
  Partial<LogLine> & { ago?: number };

function cellOf(field: string): LogLine["cell"] {
  if (/price|Cost|Ceiling/.test(field)) return "money";
  return field === "expiry" ? "date" : "text";
}

function line(world: World, { ago = 0, ...told }: Told): LogLine {
  const text = (value: unknown): string =>
    value === null || value === undefined ? "" : typeof value === "object" ? "" : String(value);
  const at = Date.now() - ago * MINUTE;
  const device = told.device === undefined ? "device-2" : told.device;
  const user = told.user === undefined ? (world.session?.uid ?? null) : told.user;
  return {
    ...{ id: world.log.length + 1, rev: world.revision, shownOld: text(told.old), shownNew: text(told.new) },
    ...{
      column: told.field.split("/").at(-1) ?? told.field,
      partLabel: told.field.includes("/") ? "boîte" : null,
    },
    cell: cellOf(told.field),
    ...{ user, userName: world.people.find((person) => person.uid === user)?.name ?? "" },
    ...{ device, deviceName: DEVICES[device ?? ""] ?? "", hlc: `${at}-0-${device ?? "hub"}`, at },
    ...{ strategy: null, pending: false },
    ...told,
  };
}

/** A change enters the log. */
export function logged(world: World, told: Told): void {
  world.log.unshift(line(world, { pending: !world.online, ...told }));
}

const CONDE = "user-3333";
const DIALLO = "user-4444";
const BAH = "user-1111";
const COARTEM = { entity: "product", uid: "product-1", label: "Coartem 20/120 mg" };
const X2217 = { entity: "productBatch", uid: "lot-1-0", label: "Coartem 20/120 mg, lot X2217" };
const SPHARMA = { entity: "supplier", uid: "supplier-0", label: "Spharma Guinée" };
const KABA = { entity: "customer", uid: "customer-1", label: "Mariama Kaba" };

const STORY: Told[] = [
  {
    ...COARTEM,
    field: "units/0/price",
    old: 48_500,
    new: 47_000,
    kind: "conflict",
    strategy: "manual",
    user: BAH,
    ago: 6,
  },
  {
    ...COARTEM,
    field: "units/0/price",
    old: 45_000,
    new: 47_000,
    kind: "edit",
    user: CONDE,
    device: "device-1",
    ago: 20,
  },
  {
    ...X2217,
    field: "expiry",
    old: "2027-01-31",
    new: "2027-06-30",
    kind: "conflict",
    strategy: "manual",
    user: BAH,
    ago: 33,
  },
  {
    ...X2217,
    field: "expiry",
    old: "2026-12-31",
    new: "2027-06-30",
    kind: "edit",
    user: CONDE,
    device: "device-1",
    ago: 47,
  },
  {
    ...SPHARMA,
    field: "phone",
    old: "622 30 10 10",
    new: "664 30 10 10",
    kind: "edit",
    user: CONDE,
    device: "device-1",
    ago: 109,
  },
  {
    ...SPHARMA,
    field: "uid",
    old: "supplier-7",
    new: "supplier-0",
    kind: "merge",
    strategy: "hub",
    user: null,
    device: null,
    shownOld: "Spharma Guinee (Caisse 1)",
    shownNew: "Spharma Guinée",
    ago: 1_600,
  },
  { ...KABA, field: "creditCeiling", old: 0, new: 150_000, kind: "edit", user: DIALLO, ago: 3_000 },
  {
    ...COARTEM,
    field: "dci",
    old: "artemether",
    new: "artéméther + luméfantrine",
    kind: "edit",
    user: DIALLO,
    ago: 4_300,
  },
  {
    ...COARTEM,
    field: "uid",
    old: null,
    new: "product-1",
    kind: "repair",
    strategy: "hub",
    user: null,
    device: null,
    shownOld: "",
    shownNew: "identifiant du serveur posé",
    ago: 4_400,
  },
  { ...COARTEM, field: "units/0/price", old: 42_000, new: 45_000, kind: "edit", user: DIALLO, ago: 9_000 },
  {
    ...COARTEM,
    field: "name",
    old: "Coartem 20/120",
    new: "Coartem 20/120 mg",
    kind: "refused",
    user: BAH,
    device: "device-1",
    ago: 9_400,
  },
];

/** What happened before the window was opened. */
export function pastLog(world: World): LogLine[] {
  const edits = world.products.slice(2).flatMap((product, index): Told[] => [
    {
      ...{ entity: "product", uid: product.uid, label: product.name, field: "minStock" },
      ...{ old: index % 7, new: (index % 7) + 5, kind: "edit", user: index % 3 ? CONDE : DIALLO },
      ...{ device: index % 2 ? "device-1" : "device-2", ago: 10_000 + index * 171 },
    },
  ]);
  return [...STORY, ...edits].map((told, index, all) => ({ ...line(world, told), id: all.length - index }));
}

export function changeLog(world: World, args: ChangeLogArgs): LogPage {
  if (!world.session?.permissions.includes("see_sync")) refuse("forbidden", { permission: "see_sync" });
  const words = args.text ? fold(args.text) : "";
  const rows = world.log.filter(
    (one) =>
      (args.kinds.length === 0 || args.kinds.includes(one.kind)) &&
      (!args.entity || one.entity === args.entity) &&
      (!args.uid || one.uid === args.uid) &&
      (!args.user || one.user === args.user) &&
      (!args.device || one.device === args.device) &&
      (!args.since || one.at >= args.since) &&
      (!args.until || one.at < args.until) &&
      (!words || fold([one.label, one.field, one.shownOld, one.shownNew].join(" ")).includes(words)),
  );
  const from = args.after ?? 0;
  const upto = from + args.limit;
  return {
    source: world.online ? "hub" : "till",
    problem: world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } },
    lines: rows.slice(from, upto),
    next: upto < rows.length ? upto : null,
  };
}

const NO_FILTER = { kinds: [], entity: null, user: null, device: null, since: null, until: null, text: null };

export function rowHistory(world: World, args: RowHistoryArgs): LogPage {
  return changeLog(world, { ...NO_FILTER, ...args });
}

export function exportChangeLog(world: World, args: ChangeLogArgs): ExportedFile {
  const { lines } = changeLog(world, { ...args, after: null, limit: world.log.length });
  return { path: "/home/caisse/journal-audit.csv", rows: lines.length };
}
