/** What a value is, so that it can be shown and typed. */
export type CellKind = "text" | "money" | "date" | "instant" | "int" | "bool" | "ref" | "rows";
