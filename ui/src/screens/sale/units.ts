import type { CartLine } from "../../contract/CartLine";
import { figures } from "../../lib/amount";
import { units } from "../../words.svelte";

/** A quantity in the unit of its line, as it is counted at the shelf: `8 boîtes`, `3 boîtes + 4 comprimés`. */
export function inUnits(quantity: number, line: Pick<CartLine, "unit" | "units">): string {
  const { name, factor } = line.unit;
  const whole = Math.trunc(quantity / factor);
  const rest = quantity - whole * factor;
  const base = line.units.find((unit) => unit.factor === 1);
  const parts = rest === 0 || whole !== 0 ? [`${figures(whole)} ${units(name, whole)}`] : [];
  if (rest !== 0) parts.push(`${figures(rest)} ${units(base?.name ?? "", rest)}`.trim());
  return parts.join(" + ");
}
