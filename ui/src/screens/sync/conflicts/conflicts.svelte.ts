import { call, onNotice } from "../../../backend";
import type { ConflictSummary } from "../../../contract/ConflictSummary";
import type { EntityConflicts } from "../../../contract/EntityConflicts";
import type { ResolveAllArgs } from "../../../contract/ResolveAllArgs";
import type { ResolvedView } from "../../../contract/ResolvedView";
import { figures } from "../../../lib/amount";
import { CursorList } from "../../../lib/cursor-list.svelte";
import { shell } from "../../../state/shell.svelte";
import { toasts } from "../../../state/toasts.svelte";
import { asProblem, m, problemText } from "../../../words.svelte";
import { Choosing } from "./choosing.svelte";
import { Joining } from "./joining.svelte";

const PAGE = 200;

/** « Conflits »: those that wait, those that were resolved, and the one that is being looked at. */
export class ConflictsList {
  entity = $state<string | null>(null);
  /** Only those that wait for somebody. */
  open = $state(true);
  waiting = $state(0);
  byEntity = $state.raw<EntityConflicts[]>([]);
  pointed = $state(0);
  choosing = $state.raw<Choosing | null>(null);
  /** The twins looked at are one: which of the two stays. */
  joining = $state.raw<Joining | null>(null);
  /** What the engine refused of the conflict looked at, where no field says it. */
  refused = $state<string | null>(null);
  busy = $state(false);
  /** The dialog that resolves many at once is open. */
  together = $state(false);
  /** Nothing that has not begun is resolved any more. */
  stopping = $state(false);
  progress = $state.raw<{ done: number; of: number } | null>(null);

  readonly list = new CursorList<ConflictSummary, string>(
    async (after) => {
      const page = await call("list_conflicts", { entity: this.entity, open: this.open, after, limit: PAGE });
      this.waiting = page.open;
      this.byEntity = page.byEntity;
      return page;
    },
    (error) => toasts.refuse(error),
  );

  attach(): () => void {
    void this.list.restart();
    return onNotice((notice) => {
      if (notice.kind === "resolveProgress") this.progress = { done: notice.done, of: notice.of };
      if (notice.kind === "changed" && notice.topics.includes("conflicts")) void this.list.reload();
    });
  }

  /** Rows in all, as far as that is known. */
  get total(): number {
    const { rows, next } = this.list;
    if (next === null) return rows.length;
    const waits = this.entity
      ? (this.byEntity.find((one) => one.entity === this.entity)?.open ?? 0)
      : this.waiting;
    return Math.max(rows.length + PAGE, waits);
  }

  show(open: boolean, entity: string | null): void {
    this.open = open;
    this.entity = entity;
    this.pointed = 0;
    void this.list.restart();
  }

  move(step: number): void {
    this.pointed = Math.max(0, Math.min(this.list.rows.length - 1, this.pointed + step));
  }

  async look(at = this.pointed): Promise<void> {
    const row = this.list.rows[at];
    if (!row || this.choosing) return;
    this.pointed = at;
    this.refused = null;
    try {
      this.choosing = new Choosing(await call("read_conflict", { uid: row.uid }));
    } catch (error) {
      toasts.refuse(error);
    }
  }

  leave(): void {
    this.choosing = null;
  }

  /** Saves what was chosen; a value that is refused stays to be corrected. */
  async confirm(distinct = false): Promise<void> {
    const choosing = this.choosing;
    const decided = distinct ? { taken: "distinct" as const, fields: {} } : choosing?.decide();
    if (!choosing || !decided || this.busy) return;
    const { uid, label } = choosing.view.summary;
    await this.#act(async () => {
      const after = await call("resolve_conflict", { uid, ...decided });
      this.choosing = null;
      const sent = after.summary.state === "sent";
      toasts.say(sent ? "wait" : "ok", sent ? m.conflict_sent({ label }) : m.conflict_resolved({ label }));
    }, uid);
  }

  /** Begins to make one of the twins looked at. */
  async join(): Promise<void> {
    if (!this.choosing || this.busy) return;
    this.busy = true;
    this.refused = null;
    try {
      this.joining = await Joining.of(this.choosing.view);
    } catch (error) {
      this.refused = problemText(asProblem(error));
    } finally {
      this.busy = false;
    }
  }

  leaveJoining(): void {
    this.joining = null;
    this.refused = null;
  }

  /** Makes one of the two, as it was shown. */
  async merge(): Promise<void> {
    const args = this.joining?.ready;
    if (!args || this.busy) return;
    await this.#act(async () => {
      const { summary } = await call("merge_twins", args);
      this.joining = null;
      this.choosing = null;
      const { label } = summary;
      const sent = summary.state === "sent";
      toasts.say(sent ? "wait" : "ok", sent ? m.conflict_sent({ label }) : m.join_done({ label }));
    }, args.uid);
  }

  /** A new edit that puts back what the resolution had overwritten. */
  async undo(): Promise<void> {
    const { uid = "", label = "", kind } = this.choosing?.view.summary ?? {};
    await this.#act(async () => {
      await call("undo_resolution", { uid });
      this.choosing = null;
      toasts.say("ok", kind === "twin" ? m.twin_parted({ label }) : m.conflict_undone({ label }));
    }, uid);
  }

  async resolveAll(args: ResolveAllArgs): Promise<void> {
    this.busy = true;
    this.stopping = false;
    this.refused = null;
    try {
      this.#resolved(await call("resolve_conflicts", args));
      this.together = false;
    } catch (error) {
      this.refused = problemText(asProblem(error));
    } finally {
      this.busy = false;
      this.progress = null;
      this.pointed = 0;
      await Promise.all([this.list.restart(), shell.readSync()]);
    }
  }

  /** Stops resolving: what was resolved stays so. */
  async stop(): Promise<void> {
    if (!this.busy || this.stopping) return;
    this.stopping = true;
    await call("stop_resolving", null).catch((error: unknown) => toasts.refuse(error));
  }

  #resolved({ resolved, left: waiting }: ResolvedView): void {
    const n = { n: resolved, text: figures(resolved) };
    if (waiting === 0) return toasts.say("ok", m.conflicts_resolved(n));
    const left = figures(waiting);
    toasts.say(
      "warn",
      this.stopping
        ? m.conflicts_resolved_stopped({ ...n, left })
        : m.conflicts_resolved_left({ ...n, left }),
    );
  }

  async #act(act: () => Promise<void>, uid: string): Promise<void> {
    this.busy = true;
    this.refused = null;
    try {
      await act();
      await Promise.all([this.list.reload(), shell.readSync()]);
      this.move(0);
    } catch (error) {
      await this.#refuse(error, uid);
    } finally {
      this.busy = false;
    }
  }

  /** Settled by somebody else meanwhile: their decision is shown. */
  async #refuse(error: unknown, uid: string): Promise<void> {
    const problem = asProblem(error);
    if (this.choosing?.refused(problem)) return;
    this.refused = problemText(problem);
    if (problem.code !== "conflict_settled") return;
    this.joining = null;
    this.choosing = await call("read_conflict", { uid }).then(
      (view) => new Choosing(view),
      () => null,
    );
    await this.list.reload();
  }
}
