import type { TakenName } from "./TakenName";

/** What was decided of a conflict. */
export type ResolutionView = {
  /** How. */
  taken: TakenName;
  /** The values written, by path. */
  fields: Record<string, unknown>;
  /** It can be taken back: the row is there and still holds one of these values. */
  canUndo: boolean;
};
