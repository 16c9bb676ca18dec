import type { CellKind } from "./CellKind";
import type { ShownField } from "./ShownField";

/** A field of a conflict. */
export type ConflictField = {
  /** Its path. */
  path: string;
  /** The column, or the part where a whole row of it is meant. */
  column: string;
  /** The part its cell is of. */
  part: string | null;
  /** Which row of the part: `boîte`, a code. */
  partLabel: string | null;
  /** What its values are. */
  kind: CellKind;
  /** It may be empty. */
  nullable: boolean;
  /** What the editor had seen. */
  base: unknown;
  /** What the till that came second wrote. */
  till: unknown;
  /** What the hub had then. */
  hub: unknown;
  /** What is in force here now. */
  now: unknown;
  /** The four as texts. */
  shown: ShownField;
};
