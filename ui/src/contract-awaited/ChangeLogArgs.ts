/** « Journal d'audit »: which lines. What is absent or empty does not limit. */
export type ChangeLogArgs = {
  /** Only these kinds: `edit`, `archive`, `conflict`, `resolution`, `merge`, `refused`, `correction`, `repair`, `pull`. */
  kinds: Array<string>;
  /** Only this entity. */
  entity: string | null;
  /** Only this row. */
  uid: string | null;
  /** Only by this person. */
  user: string | null;
  /** Only by this till, by identity. */
  device: string | null;
  /** From then on. */
  since: number | null;
  /** Before then. */
  until: number | null;
  /** In the name of the row, the field or a value. */
  text: string | null;
  /** `next` of the page before. */
  after: number | null;
  /** At most 500. */
  limit: number;
};
