import type { RepairLine } from "../../../contract/RepairLine";
import type { RepairProgress } from "../../../contract/RepairProgress";
import type { RepairRun } from "../../../contract/RepairRun";
import { figures } from "../../../lib/amount";
import { entityText, fieldText } from "../../../state/value-text";
import { m, problemText, word } from "../../../words.svelte";

/** Figures that the exact sentence of a kind needs; without them the general one is said. */
const TOLD: Record<string, string[]> = {
  name: ["old", "new"],
  reference: ["missing"],
  twin: ["other"],
  ledger: ["old", "new"],
  link: ["field"],
  stuck: ["held"],
  differs: ["field"],
};

/** Where a person mends what the till could not. */
export type NextPlace = "conflicts" | "queue" | "sales" | "history";

function inWords({ params }: RepairLine): Record<string, string | number> {
  const shown = Object.entries(params).map(([name, value]) => {
    if (name === "field") return [name, fieldText(String(value))];
    return [name, typeof value === "number" ? figures(value) : value];
  });
  return Object.fromEntries(shown) as Record<string, string | number>;
}

/** What was wrong, in a pharmacist's words. */
export function foundText(line: RepairLine): string {
  const needed = TOLD[line.kind] ?? [];
  const told = needed.length > 0 && needed.every((name) => (line.params[name] ?? "") !== "");
  const exact = told ? word(`repair_found_${line.kind}_told`, inWords(line)) : null;
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

/** What to press. */
export function nextText(line: RepairLine): string {
  const words = { missing: "", ...inWords(line) };
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
