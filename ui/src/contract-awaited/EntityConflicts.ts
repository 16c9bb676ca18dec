/** Conflicts of an entity that wait. */
export type EntityConflicts = {
  /** Entity. */
  entity: string;
  /** How many wait. */
  open: number;
};
