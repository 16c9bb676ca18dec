import type { ChangeLogArgs } from "../../contract/ChangeLogArgs";

/** What the journal is asked for, as it stands in its fields; nothing where a field is empty. */
export interface Filter {
  set: "" | keyof typeof SETS;
  entity: string;
  user: string;
  device: string;
  /** `YYYY-MM-DD`, the day included. */
  since: string;
  /** `YYYY-MM-DD`, the day included. */
  until: string;
  text: string;
}

export const NO_FILTER: Filter = {
  set: "",
  entity: "",
  user: "",
  device: "",
  since: "",
  until: "",
  text: "",
};

/** The journals that one log holds. */
export const SETS = {
  edits: ["edit", "archive", "pull"],
  conflicts: ["conflict", "resolution", "twin"],
  repairs: ["repair", "restore", "merge", "correction", "refused", "reversal", "flag"],
} as const;

/** The filter as the engine reads it: days become instants of this place. */
export function asked(filter: Filter): Omit<ChangeLogArgs, "after" | "limit"> {
  return {
    kinds: filter.set ? [...SETS[filter.set]] : [],
    entity: filter.entity || null,
    uid: null,
    user: filter.user || null,
    device: filter.device || null,
    since: midnight(filter.since, 0),
    until: midnight(filter.until, 1),
    text: filter.text.trim() || null,
  };
}

/** The beginning of a day, or of one `later`. */
function midnight(iso: string, later: number): number | null {
  const [year, month, date] = iso.split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date + later).getTime() : null;
}
