/** What met. */
export type ConflictKindName = "edit" | "delete" | "twin";
