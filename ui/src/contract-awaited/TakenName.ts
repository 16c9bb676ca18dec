/** How a conflict was resolved. */
export type TakenName = "hub" | "till" | "lastWrite" | "picked" | "distinct";
