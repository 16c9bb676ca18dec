import { elapsed } from "../lib/dates";
import { m } from "../words.svelte";

/** `il y a 12 s`. */
export function ago(ms: number): string {
  const { unit, n } = elapsed(ms);
  if (unit === "s") return m.ago_s({ n });
  if (unit === "min") return m.ago_min({ n });
  return unit === "h" ? m.ago_h({ n }) : m.ago_d({ n });
}
