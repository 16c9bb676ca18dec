import type { CellKind } from "../contract/CellKind";
import { francs } from "../lib/amount";
import { dateOf, day, time } from "../lib/dates";
import { fieldName, m, word } from "../words.svelte";

/** A value of a field in words. `shown` is the engine's text, for rows and references. */
export function valueText(kind: CellKind, value: unknown, shown = ""): string {
  if (value === null || value === undefined || value === "") return m.value_none();
  if (typeof value === "boolean") return value ? m.value_yes() : m.value_no();
  if (kind === "money" && typeof value === "number") return francs(value);
  if (kind === "date" && typeof value === "string") return day(value);
  if (kind === "instant" && typeof value === "number") return `${dateOf(value)} ${time(value)}`;
  return shown || (typeof value === "object" ? JSON.stringify(value) : String(value));
}

/** `Produit`: the catalogue writes some of them for the middle of a sentence. */
export function entityText(entity: string): string {
  const name = word(`entity_${entity}`) ?? entity;
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** `prix, boîte` of a cell of a part; `péremption` of a column. */
export function fieldText(path: string, partLabel: string | null = null): string {
  const text = fieldName(path);
  return partLabel ? m.field_of({ field: text, part: partLabel }) : text;
}
