/** « Conflits »: which rows. */
export type ListConflictsArgs = {
  /** Only conflicts about rows of this entity. */
  entity: string | null;
  /** Only those that wait for somebody; else all, those that wait first. */
  open: boolean;
  /** `next` of the page before. */
  after: string | null;
  /** At most 500. */
  limit: number;
};
