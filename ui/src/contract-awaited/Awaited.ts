import type { Call } from "../contract/Call";
import type { ExportedFile } from "../contract/ExportedFile";
import type { Nothing } from "../contract/Nothing";
import type { Topic } from "../contract/Topic";
import type { ChangeLogArgs } from "./ChangeLogArgs";
import type { ConflictArgs } from "./ConflictArgs";
import type { ConflictSummary } from "./ConflictSummary";
import type { ConflictsView } from "./ConflictsView";
import type { ConflictView } from "./ConflictView";
import type { ListConflictsArgs } from "./ListConflictsArgs";
import type { LogPage } from "./LogPage";
import type { ResolveAllArgs } from "./ResolveAllArgs";
import type { ResolveConflictArgs } from "./ResolveConflictArgs";
import type { ResolvedView } from "./ResolvedView";
import type { RowHistoryArgs } from "./RowHistoryArgs";

/** A row of a list that may have a conflict that waits. */
export type Marked = { conflict?: boolean };

/** Settings of the pharmacy by name. */
export type PharmacySettings = Record<string, unknown>;

/** Commands that the window knows before the engine's contract names them. */
export type AwaitedCommands = {
  list_conflicts: Call<ListConflictsArgs, ConflictsView>;
  read_conflict: Call<ConflictArgs, ConflictView>;
  resolve_conflict: Call<ResolveConflictArgs, ConflictView>;
  resolve_conflicts: Call<ResolveAllArgs, ResolvedView>;
  undo_resolution: Call<ConflictArgs, ConflictView>;
  row_history: Call<RowHistoryArgs, LogPage>;
  change_log: Call<ChangeLogArgs, LogPage>;
  export_change_log: Call<ChangeLogArgs, ExportedFile | null>;
  pharmacy_settings: Call<Nothing, PharmacySettings>;
  set_pharmacy_settings: Call<PharmacySettings, PharmacySettings>;
};

/** Notices likewise. */
export type AwaitedNotice =
  | { kind: "changed"; topics: Array<Topic | "conflicts"> }
  | { kind: "conflicts"; open: number }
  | { kind: "conflictAlreadySettled"; conflict: ConflictSummary }
  | { kind: "resolveProgress"; done: number; of: number };
