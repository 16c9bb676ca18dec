import type { CellKind } from "../contract-awaited/CellKind";
import { francs } from "../lib/amount";
import { dateOf, day, time } from "../lib/dates";
import { m, word } from "../words.svelte";

/** A value of a field in words. `shown` is the engine's text, for rows and references. */
export function valueText(kind: CellKind, value: unknown, shown = ""): string {
  if (value === null || value === undefined || value === "") return m.value_none();
  if (typeof value === "boolean") return value ? m.on() : m.off();
  if (kind === "money" && typeof value === "number") return francs(value);
  if (kind === "date" && typeof value === "string") return day(value);
  if (kind === "instant" && typeof value === "number") return `${dateOf(value)} ${time(value)}`;
  return shown || (typeof value === "object" ? JSON.stringify(value) : String(value));
}

const MONEY = new Set(["price", "cost", "packCost", "creditCeiling", "unitCost"]);

/** Of a line of the log, whose kind of value follows from its field. */
export function loggedText(field: string, value: unknown, shown: string): string {
  const column = field.split("/").at(-1) ?? field;
  return valueText(kindOf(column, value), value, shown);
}

function kindOf(column: string, value: unknown): CellKind {
  if (MONEY.has(column)) return "money";
  if (column.endsWith("At")) return "instant";
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? "date" : "text";
}

/** `Produit`: the catalogue writes some of them for the middle of a sentence. */
export function entityText(entity: string): string {
  const name = word(`entity_${entity}`) ?? entity;
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** `prix, boîte` of a cell of a part; `péremption` of a column. */
export function fieldText(path: string, partLabel: string | null = null): string {
  const pieces = path.split("/");
  const name = pieces.length === 2 ? (pieces[0] ?? path) : (pieces.at(-1) ?? path);
  const text = word(`field_${name}`) ?? name;
  return partLabel ? m.field_of({ field: text, part: partLabel }) : text;
}
