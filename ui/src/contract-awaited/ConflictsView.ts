import type { ConflictSummary } from "./ConflictSummary";
import type { EntityConflicts } from "./EntityConflicts";

/** A page of conflicts, newest first. */
export type ConflictsView = {
  /** The rows. */
  rows: Array<ConflictSummary>;
  /** How many wait for somebody, in all. */
  open: number;
  /** The same by entity, those that have none left out. */
  byEntity: Array<EntityConflicts>;
  /** Where the next page begins. */
  next: string | null;
};
