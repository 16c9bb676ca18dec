import type { ConflictField } from "../../contract/ConflictField";
import type { ConflictSummary } from "../../contract/ConflictSummary";
import type { ConflictsView } from "../../contract/ConflictsView";
import type { ConflictView } from "../../contract/ConflictView";
import type { ListConflictsArgs } from "../../contract/ListConflictsArgs";
import type { ResolveAllArgs } from "../../contract/ResolveAllArgs";
import type { ResolveConflictArgs } from "../../contract/ResolveConflictArgs";
import type { ResolvedView } from "../../contract/ResolvedView";
import type { TakenName } from "../../contract/TakenName";
import { same } from "../../lib/values";
import { cardName } from "./cards";
import { logged } from "./log";
import { refuse, type World } from "./world";

const isOpen = (one: ConflictView): boolean => one.summary.state === "open";

export const openConflicts = (world: World): number => world.conflicts.filter(isOpen).length;

/** Whether a row has a conflict that waits. */
export const inConflict = (world: World, row: string): boolean =>
  world.conflicts.some((one) => isOpen(one) && one.summary.row === row);

export function listConflicts(world: World, args: ListConflictsArgs): ConflictsView {
  may(world);
  const rows = world.conflicts
    .filter(
      (one) => (!args.open || isOpen(one)) && (args.entity === null || one.summary.entity === args.entity),
    )
    .sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.summary.editedAt - a.summary.editedAt)
    .map(({ summary }) => summary);
  const from = args.after ? Number(args.after) : 0;
  const upto = from + args.limit;
  return {
    rows: rows.slice(from, upto),
    open: openConflicts(world),
    byEntity: byEntity(world),
    next: upto < rows.length ? String(upto) : null,
  };
}

function byEntity(world: World): ConflictsView["byEntity"] {
  const counts = new Map<string, { open: number; together: number }>();
  for (const { summary } of world.conflicts.filter(isOpen)) {
    const { open, together } = counts.get(summary.entity) ?? { open: 0, together: 0 };
    const able = summary.kind === "twin" ? 0 : 1;
    counts.set(summary.entity, { open: open + 1, together: together + able });
  }
  return [...counts].map(([entity, count]) => ({ entity, ...count }));
}

function may(world: World): void {
  if (!world.session?.permissions.includes("resolve_conflicts"))
    refuse("forbidden", { permission: "resolve_conflicts" });
}

function find(world: World, uid: string): ConflictView {
  may(world);
  return (
    world.conflicts.find((one) => one.summary.uid === uid) ??
    refuse("reference_missing", { entity: "conflict", uid })
  );
}

export const readConflict = (world: World, uid: string): ConflictView => find(world, uid);

export function resolveConflict(world: World, args: ResolveConflictArgs): ConflictView {
  const one = stillOpen(world, args.uid);
  const values = args.taken === "picked" ? args.fields : chosen(one, args.taken);
  for (const field of one.fields) if (field.path in values) check(field, values[field.path]);
  settle(world, one, args.taken, values);
  news(world);
  return one;
}

/** A conflict that nobody settled meanwhile. */
export function stillOpen(world: World, uid: string): ConflictView {
  const one = find(world, uid);
  if (world.settledFirst) elsewhere(world, one, world.settledFirst);
  if (!isOpen(one)) refuse("conflict_settled");
  return one;
}

function chosen(one: ConflictView, taken: TakenName): Record<string, unknown> {
  if (taken === "distinct") return {};
  const tills =
    taken === "till" || (taken === "lastWrite" && one.summary.editedAt > (one.summary.hubAt ?? 0));
  return Object.fromEntries(one.fields.map((field) => [field.path, tills ? field.till : field.hub]));
}

/** As the declaration would: a lot is not sold past the end of the century, money is not negative. */
function check(field: ConflictField, value: unknown): void {
  const bad = (why: string): never => refuse("field_invalid", { field: field.column, path: field.path, why });
  if (value === null && !field.nullable && field.path !== "archivedAt") bad("missing");
  if (field.kind === "money" && typeof value === "number" && value > 99_999_999) bad("out of range");
  if (field.kind === "date" && typeof value === "string" && value > "2100") bad("out of range");
  if (field.kind === "ref" && value !== null && !named(field, value)) bad("unknown");
  if (field.kind === "text" && typeof value === "string" && value.length > 240) bad("too long");
}

/** What a reference names: one of the rows that met, else a contact. */
function named(field: ConflictField, value: unknown): string | undefined {
  const side = (["till", "hub", "base"] as const).find((one) => same(field[one], value));
  return side ? field.shown[side] : cardName(value);
}

/** Closes a conflict with what was taken. */
export function settle(
  world: World,
  one: ConflictView,
  taken: TakenName,
  fields: Record<string, unknown>,
): void {
  const { summary } = one;
  Object.assign(summary, {
    state: world.online ? "settled" : "sent",
    resolvedAt: Date.now(),
    resolvedBy: world.session?.name ?? "",
    taken,
  });
  one.resolution = { taken, fields, canUndo: world.online && Object.keys(fields).length > 0 };
  for (const field of one.fields) {
    if (!(field.path in fields) || same(field.now, fields[field.path])) continue;
    write(world, one, field, fields[field.path], taken);
  }
}

/** The value takes effect: in the log, and in the price that the shelf shows. */
function write(
  world: World,
  one: ConflictView,
  field: ConflictField,
  value: unknown,
  strategy: string,
): void {
  logged(world, {
    ...{ entity: one.summary.entity, uid: one.summary.row, label: one.summary.label },
    ...{ field: field.path, old: field.now, new: value, kind: "resolution", strategy },
  });
  field.now = value;
  field.shown.now =
    field.kind === "ref" ? (named(field, value) ?? "") : typeof value === "object" ? "" : String(value);
  const unit = /^units\/(\d+)\/price$/.exec(field.path);
  const product = world.products.find((known) => known.uid === one.summary.row);
  const sold = unit ? product?.units[Number(unit[1])] : undefined;
  if (sold && typeof value === "number") sold.price = value;
}

/** Somebody else's decision reached the hub first. */
function elsewhere(world: World, one: ConflictView, by: string): never {
  const taken = one.summary.kind === "twin" ? "distinct" : "hub";
  settle(world, one, taken, chosen(one, taken));
  one.summary.resolvedBy = by;
  world.settledFirst = undefined;
  news(world);
  refuse("conflict_settled");
}

/** The window and the strip hear of it. */
export function news(world: World): void {
  world.tell({ kind: "changed", topics: ["conflicts", "sync", "stock"] });
  world.tell({ kind: "conflicts", open: openConflicts(world) });
}

const BATCH = 500;

export async function resolveConflicts(world: World, args: ResolveAllArgs): Promise<ResolvedView> {
  may(world);
  const those = world.conflicts.filter(
    (one) => isOpen(one) && (args.entity === null || one.summary.entity === args.entity),
  );
  const able = those.filter((one) => one.summary.kind !== "twin");
  world.resolvingStopped = false;
  let resolved = 0;
  while (resolved < able.length && !world.resolvingStopped) {
    const done = resolved;
    world.tell({ kind: "resolveProgress", done, of: able.length });
    await new Promise((go) => setTimeout(go, world.bulkPause ?? 60));
    const some = able.slice(done, done + BATCH);
    for (const one of some) settle(world, one, args.taken, chosen(one, args.taken));
    resolved += some.length;
  }
  world.tell({ kind: "resolveProgress", done: resolved, of: able.length });
  news(world);
  return { resolved, left: those.length - resolved };
}

export function undoResolution(world: World, uid: string): ConflictView {
  const one = find(world, uid);
  if (!one.resolution?.canUndo) refuse("nothing_to_undo");
  for (const field of one.fields) write(world, one, field, field.hub, "undo");
  one.resolution.canUndo = false;
  news(world);
  return one;
}

/** A conflict is born on the hub and reaches this till. */
export function arrives(world: World, views: ConflictView[]): void {
  world.conflicts.unshift(...views);
  news(world);
}

/** Summaries, for whoever looks at the fake. */
export const summaries = (world: World): ConflictSummary[] => world.conflicts.map(({ summary }) => summary);
