import type { Problem } from "./contract/Problem";
import { figures } from "./lib/amount";
import { day } from "./lib/dates";
import * as m from "./paraglide/messages";
import { overwriteGetLocale, type Locale } from "./paraglide/runtime";

export { m };

/** The language in use; every message read in a template follows it. */
class Language {
  current = $state<Locale>("fr");

  use(locale: string): void {
    this.current = locale === "en" ? "en" : "fr";
    document.documentElement.lang = this.current;
  }

  toggle(): void {
    this.use(this.current === "fr" ? "en" : "fr");
  }
}

export const language = new Language();
overwriteGetLocale(() => language.current);

type Wording = (inputs: Record<string, string | number>) => string;

/** A message chosen while running, such as one per code; `null` where the catalogue has none. */
export function word(key: string, inputs: Record<string, string | number> = {}): string | null {
  const wording = (m as unknown as Record<string, Wording | undefined>)[key];
  return wording ? wording(inputs) : null;
}

const MONEY = new Set(["total", "tendered", "expected", "actual"]);
const SIZED = new Set(["file_too_large", "body_too_large", "operation_too_big"]);

function shown(name: string, value: string | number, code: string): string | number {
  if (MONEY.has(name) && typeof value === "number") return figures(value);
  if (name === "expiry" && /^\d{4}-\d{2}-\d{2}$/.test(String(value))) return day(String(value));
  if (SIZED.has(code) && typeof value === "number") return bytes(value);
  if (name === "permission" || name === "entity") return word(`${name}_${value}`) ?? value;
  if (name === "field" || name === "column") return fieldName(String(value));
  if (name === "fields") return fieldNames(String(value));
  if (name === "why") return word(`why_${slug(value).toLowerCase()}`) ?? value;
  return value;
}

/** `prix` of `units/0/price`, `unités` of `units/3`, `péremption` of `expiry`. */
export function fieldName(path: string): string {
  const pieces = path.split("/");
  const name = (pieces.length === 2 ? pieces[0] : pieces.at(-1)) ?? path;
  return word(`field_${slug(name)}`) ?? name;
}

/** `not a date` → `not_a_date`: engine and hub give their short reasons in English words. */
function slug(value: string | number): string {
  return String(value).replace(/\W+/g, "_");
}

function fieldNames(list: string): string {
  const names = list.split(/,\s*/).filter(Boolean);
  return names.map(fieldName).join(", ");
}

/** The message of a code, or the more exact one that its figures allow. */
function messageOf({ code, params }: Problem): string {
  if (code === "conflict") return `problem_conflict_${params.kind}`;
  return code === "field_invalid" && params.why ? "problem_field_invalid_why" : `problem_${code}`;
}

/** A figure that was not given leaves no `undefined` behind, nor an empty bracket or a colon before nothing. */
function tidy(text: string): string {
  return text.replace(/ ?\(\s*\)/g, "").replace(/[\s\u00a0]*:?[\s\u00a0]*$/, "");
}

const ABSENT: ProxyHandler<Record<string, string | number>> = {
  get: (given, name) => (typeof name === "string" ? (given[name] ?? "") : undefined),
};

/** A refusal in words; an unknown code is shown as it is. */
export function problemText(problem: Problem): string {
  const entries = Object.entries(problem.params).map(([name, value]) => [
    name,
    shown(name, value, problem.code),
  ]);
  const told = new Proxy(Object.fromEntries(entries) as Record<string, string | number>, ABSENT);
  const said = word(messageOf(problem), told) ?? word(`problem_${problem.code}`, told);
  return said === null ? m.problem_other({ code: problem.code }) : tidy(said);
}

/** `3,1 Mo` in French, `3.1 MB` in English. */
export function bytes(value: number): string {
  const units = [m.unit_b(), m.unit_kb(), m.unit_mb(), m.unit_gb()];
  let rest = value;
  let rank = 0;
  while (rest >= 1000 && rank < units.length - 1) {
    rest /= 1000;
    rank += 1;
  }
  return `${decimal(rest, rank > 0 && rest < 10 ? 1 : 0)}\u00a0${units[rank]}`;
}

/** A figure with a decimal comma where the language has one. */
export function decimal(value: number, digits = 1): string {
  const text = value.toFixed(digits);
  return language.current === "fr" ? text.replace(".", ",") : text;
}

/** What a rejected command threw, whatever it was. */
export function asProblem(error: unknown): Problem {
  if (error && typeof error === "object" && "code" in error && typeof error.code === "string") {
    return { code: error.code, params: "params" in error ? (error.params as Problem["params"]) : {} };
  }
  return { code: "internal", params: { detail: error instanceof Error ? error.message : String(error) } };
}

/** `boîte` or `boîtes`. Unit names are the pharmacy's own words, in either language of the window. */
export function units(name: string, count: number): string {
  return count > 1 && !/[sxz]$/.test(name) ? `${name}s` : name;
}
