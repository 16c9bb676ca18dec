/** Money is whole Guinean francs everywhere; these are the only two doors between figures and text. */

const NBSP = "\u00a0";
const MINUS = "\u2212";
const LARGEST = 999_999_999_999;

/** `12500` becomes `12 500` with no-break spaces and a true minus sign. */
export function figures(value: number): string {
  const digits = Math.abs(Math.trunc(value))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, NBSP);
  return value < 0 ? MINUS + digits : digits;
}

/** With its unit, for sentences. */
export function francs(value: number): string {
  return `${figures(value)}${NBSP}GNF`;
}

/** What was typed as an amount, or `null` when it is not one. Spaces of any kind group thousands. */
export function parseFrancs(text: string): number | null {
  const compact = text.replace(/\s/g, "");
  if (!/^\d{1,12}$/.test(compact)) return null;
  const value = Number(compact);
  return value <= LARGEST ? value : null;
}

const NOTES = [20_000, 10_000, 5_000, 2_000, 1_000, 500, 100];

/** One face value and how many of it to hand back. */
export interface NoteCount {
  face: number;
  count: number;
}

/** The fewest notes and coins for a change, largest first; what no face can give is left out. */
export function notesFor(change: number): NoteCount[] {
  const counts: NoteCount[] = [];
  let rest = change;
  for (const face of NOTES) {
    const count = Math.floor(rest / face);
    if (count > 0) counts.push({ face, count });
    rest -= count * face;
  }
  return counts;
}

/** Round amounts a customer may hand over for a total, at most three, the total left out. */
export function likelyTenders(total: number): number[] {
  const found = new Set<number>();
  for (const step of [5_000, 10_000, 20_000, 50_000, 100_000, 500_000]) {
    const rounded = Math.ceil(total / step) * step;
    if (rounded > total) found.add(rounded);
  }
  return [...found].sort((a, b) => a - b).slice(0, 3);
}
