/** What became of conflicts resolved together. */
export type ResolvedView = {
  /** Resolved here. */
  resolved: number;
  /** Left open: proposed twins, and values that the declaration does not allow any more. */
  left: number;
};
