/** Values of fields as a person types them: the only door from text to what the engine stores. */
import type { CellKind } from "../contract/CellKind";
import { parseFrancs } from "./amount";

/** Why a text is no value: the catalogue words it. */
export type Fault = "empty" | "money" | "int" | "date" | "instant" | "ref";
export type Typed = { value: unknown } | { fault: Fault };

/** Kinds that nobody types: they are picked. */
const PICKED: CellKind[] = ["ref", "rows", "bool"];

export const canType = (kind: CellKind): boolean => !PICKED.includes(kind);

/** What was typed for a field. Nothing typed empties a field that may be empty. */
export function parseAs(kind: CellKind, text: string, nullable: boolean): Typed {
  const typed = text.trim();
  if (!typed && kind !== "text") return nullable ? { value: null } : { fault: "empty" };
  if (kind === "money") return number(parseFrancs(typed), "money");
  if (kind === "int")
    return number(/^[-−]?\d{1,12}$/.test(typed) ? Number(typed.replace("−", "-")) : null, "int");
  if (kind === "date") return date(typed);
  if (kind === "instant") return instant(typed);
  return { value: typed };
}

function number(value: number | null, fault: Fault): Typed {
  return value === null ? { fault } : { value };
}

/** `31/01/2027`, `31012027` or `2027-01-31`; `01/2027` is the month's last day, as on a box. */
function date(typed: string): Typed {
  const month = /^(\d{1,2})[/.-](\d{4})$/.exec(typed);
  if (month) return day(Number(month[2]), Number(month[1]), null);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(typed);
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const written =
    /^(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})$/.exec(typed) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(typed);
  return written ? day(Number(written[3]), Number(written[2]), Number(written[1])) : { fault: "date" };
}

/** `31/01/2027 15:42` by the clock of this place, `15h42` too; without a time the day begins. */
function instant(typed: string): Typed {
  const [, written = "", hour = "0", minute = "0"] =
    /^(\S+?)(?:\s+(\d{1,2})[:hH.](\d{2}))?$/.exec(typed) ?? [];
  const read = date(written);
  if (!("value" in read) || Number(hour) > 23 || Number(minute) > 59) return { fault: "instant" };
  const [year = 0, month = 0, of = 0] = String(read.value).split("-").map(Number);
  return { value: new Date(year, month - 1, of, Number(hour), Number(minute)).getTime() };
}

function day(year: number, month: number, date: number | null): Typed {
  const last = new Date(year, month, 0).getDate();
  const at = date ?? last;
  if (month < 1 || month > 12 || at < 1 || at > last) return { fault: "date" };
  return { value: [year, pad(month), pad(at)].join("-") };
}

const pad = (value: number): string => value.toString().padStart(2, "0");

/** Whether two values of a field are one. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
