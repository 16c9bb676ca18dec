/** A value that was overwritten, or refused. */
export type LogLine = {
  /** Number in its log. */
  id: number;
  /** The revision that brought it; 0 where there is none yet. */
  rev: number;
  /** Entity. */
  entity: string;
  /** Row. */
  uid: string;
  /** How the row is called here. */
  label: string;
  /** Field, part or path. */
  field: string;
  /** Before. */
  old: unknown;
  /** After. */
  new: unknown;
  /** Before, as a text. */
  shownOld: string;
  /** After, as a text. */
  shownNew: string;
  /** Who; nobody for a till or the hub itself. */
  user: string | null;
  /** Their name. */
  userName: string;
  /** On which till, by identity. */
  device: string | null;
  /** Its name. */
  deviceName: string;
  /** When, in hybrid time. */
  hlc: string;
  /** When. */
  at: number;
  /** As in [`ChangeLogArgs::kinds`]. */
  kind: string;
  /** The rule that decided, for a conflict. */
  strategy: string | null;
  /** Made here, not answered by the hub yet. */
  pending: boolean;
};
