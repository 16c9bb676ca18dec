/** A conflict, by identity. */
export type ConflictArgs = {
  /** Identity of the conflict. */
  uid: string;
};
