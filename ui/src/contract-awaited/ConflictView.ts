import type { ConflictField } from "./ConflictField";
import type { ConflictSummary } from "./ConflictSummary";
import type { ResolutionView } from "./ResolutionView";

/** A conflict, whole. */
export type ConflictView = {
  /** As in the list. */
  summary: ConflictSummary;
  /** The row was archived since. */
  archived: boolean;
  /** What met, field by field. */
  fields: Array<ConflictField>;
  /** What was decided. */
  resolution: ResolutionView | null;
};
