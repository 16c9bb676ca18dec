import type { ConflictField } from "../../../contract/ConflictField";
import type { ConflictSummary } from "../../../contract/ConflictSummary";
import { moment } from "../../../lib/dates";
import { shell } from "../../../state/shell.svelte";
import { fieldText, valueText } from "../../../state/value-text";
import { m } from "../../../words.svelte";

/** One of the four values of a field, in words. */
export function cellText(field: ConflictField, which: "base" | "till" | "hub" | "now"): string {
  const value = field[which];
  if (field.path === "archivedAt") return value === null ? m.value_kept() : m.value_archived();
  if (value === null && field.kind === "rows") return m.value_no_row();
  return valueText(field.kind, value, field.shown[which]);
}

/** `prix, péremption`: what met, of a row of the list. */
export const fieldsText = (summary: ConflictSummary): string =>
  summary.fields.map((path) => fieldText(path)).join(", ");

/** « Ici, Caisse 2 » where it is this till that came second. */
export const tillName = (summary: ConflictSummary): string =>
  summary.device === shell.start?.till ? m.conflict_here({ till: summary.device }) : summary.device;

/** Who wrote a value, on which till, when; what is not known is left out. */
export function written(by: string | null, device: string, at: number | null): string {
  return [by, device, at === null ? "" : moment(at, shell.now)].filter(Boolean).join(" · ");
}
