import { call, onNotice } from "../../backend";
import type { DiagnosticView } from "../../contract/DiagnosticView";
import type { QueuePage } from "../../contract/QueuePage";
import type { SyncReport } from "../../contract/SyncReport";
import type { SyncRun } from "../../contract/SyncRun";
import type { Problem } from "../../contract/Problem";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem } from "../../words.svelte";

export type SyncTab = "queue" | "journal" | "diagnostic";
const QUEUE_LIMIT = 200;

/** Synchronisation: the run under way, its result, and the three tabs. */
export class SyncView {
  tab = $state<SyncTab>("queue");
  state = $state<string | null>(null);
  busy = $state(false);
  report = $state.raw<SyncReport | null>(null);
  problem = $state.raw<Problem | null>(null);
  queue = $state.raw<QueuePage | null>(null);
  runs = $state.raw<SyncRun[] | null>(null);
  diagnostic = $state.raw<DiagnosticView | null>(null);

  attach(): () => void {
    void this.read();
    void shell.readSync();
    return onNotice((notice) => {
      if (notice.kind === "changed" && notice.topics.includes("sync")) void this.read();
    });
  }

  /** Reads what the open tab shows. */
  async read(): Promise<void> {
    try {
      if (this.tab === "queue")
        this.queue = await call("list_queue", { state: this.state, limit: QUEUE_LIMIT });
      else if (this.tab === "journal") this.runs = await call("list_runs", null);
      else this.diagnostic = await call("diagnostic", null);
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

  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.report = null;
    this.problem = null;
    try {
      this.report = await call("sync_now", null);
      this.problem = this.report.problem;
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.busy = false;
      shell.progress = null;
      await Promise.all([this.read(), shell.readSync()]);
    }
  }

  async retry(seq: number): Promise<void> {
    try {
      await call("retry_operation", { seq });
      await this.read();
    } catch (error) {
      toasts.refuse(error);
    }
  }
}
