/** Dates as the pharmacy writes them: `dd/mm/yyyy`, `mm/yyyy` for an expiry at a month's end, 24-hour times. */

const pad = (value: number): string => value.toString().padStart(2, "0");
const FULL_DATE_WITHIN_DAYS = 90;

/** `2026-12-31` becomes `31/12/2026`. */
export function day(iso: string): string {
  const [year, month, date] = iso.split("-");
  return `${date}/${month}/${year}`;
}

function isMonthEnd(iso: string): boolean {
  const [year = 0, month = 0, date = 0] = iso.split("-").map(Number);
  return new Date(year, month, 0).getDate() === date;
}

/** An expiry: the month alone, unless the exact day matters soon or is not the month's last. */
export function expiry(iso: string, daysLeft: number | null = null): string {
  const soon = daysLeft !== null && daysLeft <= FULL_DATE_WITHIN_DAYS;
  return soon || !isMonthEnd(iso) ? day(iso) : iso.slice(5, 7) + "/" + iso.slice(0, 4);
}

/** `15:42`. */
export function time(ms: number): string {
  const at = new Date(ms);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** `15:42:10`. */
export function timeWithSeconds(ms: number): string {
  return `${time(ms)}:${pad(new Date(ms).getSeconds())}`;
}

/** `20/11/2026`. */
export function dateOf(ms: number): string {
  const at = new Date(ms);
  return `${pad(at.getDate())}/${pad(at.getMonth() + 1)}/${at.getFullYear()}`;
}

/** `2026-11-20`, here. */
export function isoOf(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** The time alone today, `19/11 15:42` before. */
export function moment(ms: number, now: number): string {
  return dateOf(ms) === dateOf(now) ? time(ms) : `${dateOf(ms).slice(0, 5)} ${time(ms)}`;
}

/** `vendredi 20 novembre 2026`. */
export function longDate(ms: number, locale: string): string {
  return new Intl.DateTimeFormat(locale === "en" ? "en-GB" : "fr-FR", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  }).format(ms);
}

/** The largest whole unit of a duration: the catalogue words it. */
export function elapsed(ms: number): { unit: "s" | "min" | "h" | "d"; n: number } {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return { unit: "s", n: seconds };
  if (seconds < 3600) return { unit: "min", n: Math.floor(seconds / 60) };
  if (seconds < 86_400) return { unit: "h", n: Math.floor(seconds / 3600) };
  return { unit: "d", n: Math.floor(seconds / 86_400) };
}
