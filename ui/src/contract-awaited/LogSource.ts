/** Where lines come from. */
export type LogSource = "hub" | "till";
