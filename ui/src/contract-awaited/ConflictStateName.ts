/** How far a conflict is. */
export type ConflictStateName = "open" | "sent" | "settled";
