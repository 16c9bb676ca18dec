import type { ExpiryBand } from "../../contract/ExpiryBand";
import { m } from "../../words.svelte";

/** How a band is called: « Périmés », « 30 jours ou moins », « 31 à 60 jours ». */
export function bandName(bands: ExpiryBand[], at: number): string {
  const end = bands[at]?.days ?? null;
  if (end === null) return m.expiries_expired();
  const before = bands[at - 1]?.days ?? null;
  return before === null ? m.expiries_within({ n: end }) : m.expiries_between({ from: before + 1, to: end });
}

/** The days left of a lot in words: « périmé depuis 3 j », « dernier jour », « 12 j ». */
export function leftText(days: number): string {
  if (days < 0) return m.expired_since({ n: -days });
  return days === 0 ? m.last_day() : m.days_left({ n: days });
}
