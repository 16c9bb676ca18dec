import type { LogLine } from "./LogLine";
import type { LogSource } from "./LogSource";
import type { Problem } from "../contract/Problem";

/** Lines of the log, newest first. */
export type LogPage = {
  /** Where they come from. */
  source: LogSource;
  /** Why the hub's could not be had. */
  problem: Problem | null;
  /** The lines; on the first page, edits made here that the hub has not answered yet come first. */
  lines: Array<LogLine>;
  /** Where the next page begins. */
  next: number | null;
};
