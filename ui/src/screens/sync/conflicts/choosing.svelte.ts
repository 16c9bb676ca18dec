import type { ConflictField } from "../../../contract/ConflictField";
import type { ConflictView } from "../../../contract/ConflictView";
import type { ResolveConflictArgs } from "../../../contract/ResolveConflictArgs";
import type { Problem } from "../../../contract/Problem";
import { canType, parseAs, same, type Typed } from "../../../lib/values";
import { m, problemText, word } from "../../../words.svelte";
import { listed, RowSearch, type Named } from "./row-search.svelte";

/** The till's value, the hub's, or one that is typed. */
export type Side = "till" | "hub" | "other";

/** What is being chosen for each field of a conflict. Nothing is chosen in advance. */
export class Choosing {
  /** The field pointed at. */
  at = $state(0);
  picks = $state<Record<string, Side>>({});
  typed = $state<Record<string, string>>({});
  /** Of a reference: the row that was chosen among those found. */
  named = $state<Record<string, Named>>({});
  readonly search = new RowSearch();
  /** Why a field cannot be saved, in words, at the field. */
  faults = $state<Record<string, string>>({});

  constructor(readonly view: ConflictView) {
    this.#showTaken();
  }

  /** It can still be decided here. */
  get open(): boolean {
    return this.view.summary.state === "open";
  }

  get field(): ConflictField | undefined {
    return this.view.fields[this.at];
  }

  /** How many fields nobody has chosen for. */
  get left(): number {
    return this.view.fields.filter(({ path }) => !this.picks[path]).length;
  }

  sides(field: ConflictField): Side[] {
    const free = (canType(field.kind) && field.path !== "archivedAt") || listed(field);
    return free ? ["till", "hub", "other"] : ["till", "hub"];
  }

  /** What is typed of a reference looks for rows of that name. */
  seek(field: ConflictField): void {
    delete this.named[field.path];
    void this.search.find(field, this.typed[field.path] ?? "");
  }

  /** Takes a row that was found, the one pointed at unless told. */
  take(field: ConflictField, row = this.search.hits[this.search.pointed]): void {
    if (!row) return;
    this.named[field.path] = row;
    this.typed[field.path] = row.name;
    delete this.faults[field.path];
    this.search.close();
  }

  pick(side: Side, at = this.at): void {
    const field = this.view.fields[at];
    if (!this.open || !field || !this.sides(field).includes(side)) return;
    this.at = at;
    this.picks[field.path] = side;
    if (side !== "other") this.search.close();
    delete this.faults[field.path];
  }

  pickAll(side: "till" | "hub"): void {
    if (!this.open) return;
    for (const { path } of this.view.fields) this.picks[path] = side;
    this.faults = {};
  }

  /** To the field before or after. */
  move(step: 1 | -1): void {
    this.search.close();
    this.at = Math.min(this.view.fields.length - 1, Math.max(0, this.at + step));
  }

  /** To the value at the left or at the right of the one picked. */
  turn(step: 1 | -1): void {
    if (!this.field) return;
    const sides = this.sides(this.field);
    const picked = this.picks[this.field.path];
    const next = picked ? sides.indexOf(picked) + step : step > 0 ? 1 : 0;
    this.pick(sides[Math.min(sides.length - 1, Math.max(0, next))] ?? "till");
  }

  /** What to send, or `null` where a field is missing or refused: it is then pointed at and says why. */
  decide(): Omit<ResolveConflictArgs, "uid"> | null {
    this.faults = {};
    const fields: Record<string, unknown> = {};
    for (const field of this.view.fields) {
      const value = this.#value(field);
      if (value) fields[field.path] = value.value;
    }
    const bad = this.view.fields.findIndex(({ path }) => path in this.faults);
    if (bad >= 0) this.at = bad;
    return bad >= 0 ? null : this.#taken(fields);
  }

  /** The engine refused a field: it says so there. False where the refusal is of something else. */
  refused(problem: Problem): boolean {
    const { path, field } = problem.params;
    const at = this.view.fields.findIndex(
      (one) => one.path === path || one.path === field || one.column === field,
    );
    const found = this.view.fields[at];
    if (problem.code !== "field_invalid" || !found) return false;
    this.at = at;
    this.faults[found.path] = problemText(problem);
    return true;
  }

  #value(field: ConflictField): { value: unknown } | null {
    const side = this.picks[field.path];
    if (!side) this.faults[field.path] = m.conflict_to_choose();
    if (side === "till") return { value: field.till };
    if (side === "hub") return { value: field.hub };
    const typed = side && this.#typed(field);
    if (typed && "value" in typed) return typed;
    if (typed) this.faults[field.path] = word(`fault_${typed.fault}`) ?? typed.fault;
    return null;
  }

  #typed(field: ConflictField): Typed {
    const text = (this.typed[field.path] ?? "").trim();
    const row = this.named[field.path];
    if (field.kind !== "ref" || !text) return parseAs(field.kind, text, field.nullable);
    return row ? { value: row.uid } : { fault: "ref" };
  }

  /** All of one side is said as such: the hub's then means what is in force, which may have changed since. */
  #taken(fields: Record<string, unknown>): Omit<ResolveConflictArgs, "uid"> {
    const all = (side: Side): boolean => this.view.fields.every(({ path }) => this.picks[path] === side);
    if (all("till")) return { taken: "till", fields: {} };
    const still = this.view.fields.every((field) => same(field.hub, field.now));
    if (all("hub") && still) return { taken: "hub", fields: {} };
    return { taken: "picked", fields };
  }

  /** Of a conflict that was resolved: what was chosen. */
  #showTaken(): void {
    const resolution = this.view.resolution;
    if (!resolution) return;
    for (const field of this.view.fields) {
      const value = resolution.fields[field.path];
      if (resolution.taken === "till" || (field.path in resolution.fields && same(value, field.till)))
        this.picks[field.path] = "till";
      else if (!(field.path in resolution.fields) || same(value, field.hub)) this.picks[field.path] = "hub";
      else {
        this.picks[field.path] = "other";
        this.typed[field.path] = String(value ?? "");
      }
    }
  }
}
