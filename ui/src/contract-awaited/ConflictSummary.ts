import type { ConflictKindName } from "./ConflictKindName";
import type { ConflictStateName } from "./ConflictStateName";
import type { TakenName } from "./TakenName";

/** A conflict in the list. */
export type ConflictSummary = {
  /** Identity of the conflict. */
  uid: string;
  /** Entity of the row it is about. */
  entity: string;
  /** That row's identity; of a merged one, the one it became. */
  row: string;
  /** How that row is called. */
  label: string;
  /** What met. */
  kind: ConflictKindName;
  /** Paths of the fields: `expiry`, `units/0/price`, `units/3`, `archivedAt`. */
  fields: Array<string>;
  /** Name of the till that came second. */
  device: string;
  /** Who edited there. */
  editedBy: string | null;
  /** When, by the hub's time. */
  editedAt: number;
  /** Who wrote the hub's value. */
  hubBy: string | null;
  /** When. */
  hubAt: number | null;
  /** On which till. */
  hubDevice: string;
  /** How far it is. */
  state: ConflictStateName;
  /** When it was resolved. */
  resolvedAt: number | null;
  /** By whom. */
  resolvedBy: string | null;
  /** How. */
  taken: TakenName | null;
};
