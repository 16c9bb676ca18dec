import type { IntegrityArgs } from "../../../contract/IntegrityArgs";
import type { IntegrityReport } from "../../../contract/IntegrityReport";
import type { IntegrityTotals } from "../../../contract/IntegrityTotals";

/** What is to be compared, as it stands in the form. Days are `YYYY-MM-DD`. */
export interface Question {
  by: "document" | "range";
  document: string;
  from: string;
  to: string;
  force: boolean;
}

/** The form as the engine reads it, or which part of it says nothing. */
export function asked(question: Question, resume: boolean): IntegrityArgs | "document" | "days" {
  const { by, from, to, force } = question;
  const nothing = { document: null, from: null, to: null };
  if (resume) return { ...nothing, force, resume };
  if (by === "document") {
    const document = question.document.trim();
    return document ? { ...nothing, document, force, resume } : "document";
  }
  return from && to && from <= to ? { document: null, from, to, force, resume } : "days";
}

/** What is counted, in the order in which it is shown. */
export const COUNTED = ["total", "synced", "skipped", "failed"] as const satisfies (keyof IntegrityTotals)[];

/** Entities that were looked at, those that differed first. */
export function rowsOf({ entities }: IntegrityReport): [string, IntegrityTotals][] {
  return Object.entries(entities)
    .filter((entry): entry is [string, IntegrityTotals] => (entry[1]?.total ?? 0) > 0)
    .sort(([, a], [, b]) => b.failed - a.failed || b.synced - a.synced || b.total - a.total);
}
