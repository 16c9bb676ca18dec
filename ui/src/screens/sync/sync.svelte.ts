import { call, onNotice } from "../../backend";
import type { DiagnosticView } from "../../contract/DiagnosticView";
import type { QueuePage } from "../../contract/QueuePage";
import type { SyncActivity } from "../../contract/SyncActivity";
import type { RepairRun } from "../../contract/RepairRun";
import type { SyncReport } from "../../contract/SyncReport";
import type { SyncRun } from "../../contract/SyncRun";
import type { Problem } from "../../contract/Problem";
import { Pace } from "../../lib/pace";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m } from "../../words.svelte";

export type SyncTab = "queue" | "conflicts" | "repairs" | "integrity" | "journal" | "diagnostic";
const QUEUE_LIMIT = 200;

/** Synchronisation: the run under way, its result, and the tabs. */
export class SyncView {
  tab = $state<SyncTab>("queue");
  state = $state<string | null>(null);
  busy = $state(false);
  /** It was asked to end. */
  stopping = $state(false);
  report = $state.raw<SyncReport | null>(null);
  /** The repair that ended last, if nothing ran since. */
  repaired = $state.raw<RepairRun | null>(null);
  problem = $state.raw<Problem | null>(null);
  queue = $state.raw<QueuePage | null>(null);
  runs = $state.raw<SyncRun[] | null>(null);
  activity = $state.raw<SyncActivity | null>(null);
  diagnostic = $state.raw<DiagnosticView | null>(null);
  /** Milliseconds left of the step under way, while it can be told. */
  left = $state<number | null>(null);
  /** The operation pointed at, by device sequence. */
  pointed = $state<number | null>(null);
  #pace = new Pace();

  attach(): () => void {
    void this.read();
    void shell.readSync();
    return onNotice((notice) => {
      if (notice.kind === "syncProgress") {
        const { progress } = notice;
        this.left = progress.leftMs ?? this.#pace.left(progress, performance.now());
      }
      if (notice.kind === "changed" && notice.topics.includes("sync")) void this.read();
    });
  }

  /** Reads what the open tab shows. */
  async read(): Promise<void> {
    try {
      if (this.tab === "queue")
        this.queue = await call("list_queue", { state: this.state, limit: QUEUE_LIMIT });
      else if (this.tab === "journal")
        [this.runs, this.activity] = await Promise.all([
          call("list_runs", null),
          call("sync_activity", null),
        ]);
      else if (this.tab === "diagnostic") this.diagnostic = await call("diagnostic", null);
    } catch (error) {
      toasts.refuse(error);
    }
  }

  show(tab: SyncTab): void {
    this.tab = tab;
    void this.read();
  }

  filter(state: string | null): void {
    this.state = state;
    void this.read();
  }

  /** « Synchroniser maintenant ». */
  run(): Promise<void> {
    return this.#run(() => call("sync_now", null));
  }

  /** « Actualiser les données »: everything the hub has, again; what waits here stays. */
  refresh(): Promise<void> {
    return this.#run(() => call("refresh_data", null));
  }

  /** « Réparer la synchronisation ». */
  repair(): Promise<void> {
    return this.#alone(async () => {
      this.repaired = await call("repair", null);
    });
  }

  /** « Arrêter »: the run ends before its next request; what it did stands. */
  async stop(): Promise<void> {
    this.stopping = true;
    try {
      await call("cancel_sync", null);
    } catch (error) {
      toasts.refuse(error);
    }
  }

  #run(ask: () => Promise<SyncReport>): Promise<void> {
    return this.#alone(async () => {
      this.report = await ask();
      this.problem = this.report.problem;
    });
  }

  /** Nothing else runs meanwhile, and what ran before is no longer said. */
  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.report = null;
    this.repaired = null;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.busy = this.stopping = false;
      shell.progress = null;
      shell.repair = null;
      this.left = this.#pace.left(null, performance.now());
      await Promise.all([this.read(), shell.readSync()]);
    }
  }

  /** Points at the operation before or after the one pointed at. */
  move(step: 1 | -1): void {
    const rows = this.queue?.rows ?? [];
    const at = rows.findIndex((row) => row.seq === this.pointed);
    this.pointed = rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.seq ?? null;
  }

  retry(seq: number): Promise<void> {
    return this.#act(() => call("retry_operation", { seq }));
  }

  /** Sends again whatever waits. */
  retryAll(): Promise<void> {
    return this.#act(async () => {
      const { count } = await call("retry_queue", null);
      toasts.say("ok", m.queue_retried({ n: count }));
    });
  }

  /** Takes what is done with out of the list. */
  clear(): Promise<void> {
    return this.#act(async () => {
      const { count } = await call("clear_queue", null);
      toasts.say("ok", m.queue_cleared({ n: count }));
    });
  }

  /** Writes what the filter shows to a file. */
  export(): Promise<void> {
    return this.#act(async () => {
      const file = await call("export_queue", { state: this.state, json: false });
      if (file) toasts.say("ok", m.queue_exported({ n: file.rows, path: file.path }));
    });
  }

  async #act(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      await this.read();
    } catch (error) {
      toasts.refuse(error);
    }
  }
}
