/** A row's history. */
export type RowHistoryArgs = {
  /** Entity. */
  entity: string;
  /** Identity. */
  uid: string;
  /** `next` of the page before. */
  after: number | null;
  /** At most 500. */
  limit: number;
};
