import { call, onNotice } from "../../../backend";
import type { RepairLine } from "../../../contract/RepairLine";
import type { RepairRun } from "../../../contract/RepairRun";
import type { RepairsView } from "../../../contract/RepairsView";
import { CursorList, type Page } from "../../../lib/cursor-list.svelte";
import { toasts } from "../../../state/toasts.svelte";
import { m } from "../../../words.svelte";

const PAGE = 200;

/** « Réparations »: what is left for a person, the last runs, and what was mended. */
export class Repairs {
  runs = $state.raw<RepairRun[]>([]);
  /** Findings left for a person, of the run asked for. */
  left = $state.raw<RepairLine[]>([]);
  /** All in all. */
  leftInAll = $state(0);
  /** Only of this run. */
  run = $state<number | null>(null);
  /** Only of this kind. */
  kind = $state<string | null>(null);
  onlyLeft = $state(false);
  /** The row pointed at: those left come first, those mended follow. */
  pointed = $state(0);
  loaded = $state(false);
  exporting = $state(false);

  readonly mended = new CursorList<RepairLine, number>(
    (after) => this.#page(after),
    (error) => toasts.refuse(error),
  );

  attach(): () => void {
    void this.read();
    return onNotice((notice) => {
      if (notice.kind === "changed" && notice.topics.includes("sync")) void this.read(true);
    });
  }

  /** The run asked for, where there is one. */
  get asked(): RepairRun | null {
    return this.runs.find((run) => run.id === this.run) ?? null;
  }

  get total(): number {
    return this.mended.rows.length + (this.mended.next === null ? 0 : PAGE);
  }

  get pointedLine(): RepairLine | null {
    return this.left[this.pointed] ?? this.mended.rows[this.pointed - this.left.length] ?? null;
  }

  async read(again = false): Promise<void> {
    try {
      const view = await this.#ask(true, null);
      this.left = view.lines;
      this.leftInAll = view.left;
      this.runs = view.runs;
      await (again ? this.mended.reload() : this.mended.restart());
      this.move(0);
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.loaded = true;
    }
  }

  /** Something is left out. */
  get filtered(): boolean {
    return this.run !== null || this.kind !== null || this.onlyLeft;
  }

  show(change: { run?: number | null; kind?: string | null; onlyLeft?: boolean }): void {
    if (change.run !== undefined) this.run = change.run;
    if (change.kind !== undefined) this.kind = change.kind;
    if (change.onlyLeft !== undefined) this.onlyLeft = change.onlyLeft;
    this.pointed = 0;
    void this.read();
  }

  move(step: number): void {
    const rows = this.left.length + (this.onlyLeft ? 0 : this.mended.rows.length);
    this.pointed = Math.max(0, Math.min(rows - 1, this.pointed + step));
  }

  /** Writes what is shown to a file. */
  async exportFile(): Promise<void> {
    if (this.exporting) return;
    this.exporting = true;
    try {
      const file = await call("export_repairs", {
        ...{ left: this.onlyLeft, run: this.run, kind: this.kind, after: null, limit: PAGE },
      });
      if (file) toasts.say("ok", m.repairs_exported({ n: file.rows, path: file.path }));
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.exporting = false;
    }
  }

  #ask(left: boolean, after: number | null): Promise<RepairsView> {
    return call("list_repairs", { left, run: this.run, kind: this.kind, after, limit: PAGE });
  }

  /** Pages of what was mended; a page of nothing but what is left is passed over. */
  async #page(after: number | null): Promise<Page<RepairLine, number>> {
    let { lines, next } = await this.#ask(false, after);
    let rows = lines.filter((line) => line.mended);
    while (rows.length === 0 && next !== null) {
      ({ lines, next } = await this.#ask(false, next));
      rows = lines.filter((line) => line.mended);
    }
    return { rows, next };
  }
}
