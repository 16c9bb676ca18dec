/** The `3*` prefix: how many of what comes next. */

/** Largest count that one line may hold. */
export const MOST = 9_999;

/** What a field holds: a count, where a prefix gives one, and the rest. */
export interface Counted {
  count: number | null;
  rest: string;
}

/** Splits `3*amo` into 3 and `amo`; a text without a valid prefix is all rest. */
export function splitCount(text: string): Counted {
  const match = /^\s*(\d{1,4})\s*\*(.*)$/s.exec(text);
  const count = Number(match?.[1] ?? 0);
  if (!match || count < 1 || count > MOST) return { count: null, rest: text };
  return { count, rest: match[2] ?? "" };
}

/** A code typed by hand: digits only, long enough not to be a name or a count. */
export function looksLikeCode(text: string): boolean {
  return /^\d{6,}$/.test(text.trim());
}
