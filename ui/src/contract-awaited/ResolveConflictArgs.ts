import type { TakenName } from "./TakenName";

/** A resolution. */
export type ResolveConflictArgs = {
  /** Identity of the conflict. */
  uid: string;
  /** How: `hub`, `till`, `lastWrite` decide every field; `picked` takes [`Self::fields`]; `distinct` is for twins. */
  taken: TakenName;
  /** Values by path, validated like any edit. A path absent keeps the hub's present value. */
  fields: Record<string, unknown>;
};
