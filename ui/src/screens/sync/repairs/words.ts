import type { RepairLine } from "../../../contract/RepairLine";
import type { RepairProgress } from "../../../contract/RepairProgress";
import type { RepairRun } from "../../../contract/RepairRun";
import { figures } from "../../../lib/amount";
import { entityText, fieldText } from "../../../state/value-text";
import { m, problemText, word } from "../../../words.svelte";

/** Exact sentences of a kind, and the figures each needs; where none has its own the general one is said. */
const TOLD: [kind: string, ending: string, needed: string[]][] = [
  ["name", "told", ["old", "new"]],
  ["reference", "told", ["missing"]],
  ["reference", "field", ["field"]],
  ["twin", "told", ["other"]],
  ["ledger", "counter", ["counter", "old", "new"]],
  ["ledger", "told", ["old", "new"]],
  ["link", "told", ["field"]],
  ["differs", "told", ["field"]],
  ["history", "told", ["new"]],
];
/** Every kind that there is, as the list of kinds has them. */
export const KINDS = [
  ...["orphan", "name", "reference", "twin", "ledger", "link"],
  ...["stuck", "missing", "lost", "differs", "history", "hub"],
];

const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** Where a person mends what the till could not. */
export type NextPlace = "conflicts" | "queue" | "sales" | "history";

/** Figures in words. An identity says nothing to a person; a ledger's field that is no quantity is a counter. */
function inWords({ kind, params }: RepairLine): Record<string, string | number> {
  const shown = Object.entries(params)
    .filter(([, value]) => value !== "" && !UID.test(String(value)))
    .map(([name, value]): [string, string | number] => {
      if (name === "field") return [name, fieldText(String(value))];
      return [name, typeof value === "number" ? figures(value) : value];
    });
  const counts = kind === "ledger" && params.field && params.field !== "quantity";
  return Object.fromEntries(counts ? [...shown, ["counter", 1]] : shown);
}

/** What was wrong, in a pharmacist's words. */
export function foundText(line: RepairLine): string {
  const words = inWords(line);
  const told = TOLD.find(([kind, , needed]) => kind === line.kind && needed.every((name) => name in words));
  const exact = told ? word(`repair_found_${line.kind}_${told[1]}`, words) : null;
  return exact ?? word(`repair_found_${line.kind}`) ?? line.kind;
}

/** What was done about it. */
export function doneText({ kind, act }: RepairLine): string {
  return word(`repair_act_${kind}_${act}`) ?? word(`repair_act_${act}`) ?? act;
}

/** Of a finding that is left for a person: what was kept. */
export function keptText({ kind }: RepairLine): string {
  return word(`repair_kept_${kind}`) ?? m.repair_kept_other();
}

/** Why it is left, where more is known than what was wrong. */
export function whyText({ problem }: RepairLine): string {
  return problem ? problemText(problem) : "";
}

/** Why it is left says already what was kept and what to press. */
export function saysAll({ problem }: RepairLine): boolean {
  return problem?.code.startsWith("repair_") ?? false;
}

/** What to press. */
export function nextText(line: RepairLine): string {
  const words = inWords(line);
  if (line.kind === "reference" && !words.missing) return m.repair_next_other();
  return word(`repair_next_${line.kind}`, words) ?? m.repair_next_other();
}

export function nextPlace({ kind, entity, problem }: RepairLine): NextPlace {
  if (kind === "twin" || problem?.code.startsWith("conflict")) return "conflicts";
  if (kind === "stuck") return "queue";
  return problem?.code === "document_mismatch" && entity === "sale" ? "sales" : "history";
}

/** `renvoi vers rien × 15 · sans nom du serveur × 1` of a run, what it found most first. */
export function kindsText({ kinds }: RepairRun): string {
  return Object.entries(kinds)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([kind, n]) => `${word(`repair_short_${kind}`) ?? kind}\u00a0×\u00a0${figures(n ?? 0)}`)
    .join(" · ");
}

/** « Réparation en cours : 27 éléments, étape 2/5 ». */
export function progressText({ found, index, steps }: RepairProgress): string {
  if (found === 0) return m.repair_searching({ step: index, steps });
  return m.repair_running({ n: found, text: figures(found), step: index, steps });
}

/** What it is at, where it is at something. */
export function atText({ entity, step }: RepairProgress): string {
  const what = entity ? (word(`entities_${entity}`) ?? entityText(entity)) : word(`repair_step_${step}`);
  return what ? m.repair_at({ what: what.toLocaleLowerCase() }) : "";
}
