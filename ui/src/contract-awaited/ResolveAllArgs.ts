import type { TakenName } from "./TakenName";

/** All open conflicts, or those of an entity, resolved alike. Proposed twins stay. */
export type ResolveAllArgs = {
  /** Only this entity. */
  entity: string | null;
  /** `hub`, `till` or `lastWrite`. */
  taken: TakenName;
};
