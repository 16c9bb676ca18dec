import type { Problem } from "../../contract/Problem";

/** The file itself is damaged: what it holds can be read out of it. */
export function isDamage({ code }: Problem): boolean {
  return code === "store_unreadable";
}
