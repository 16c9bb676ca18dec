import { call, onNotice } from "../../backend";
import type { ChangeLogArgs } from "../../contract/ChangeLogArgs";
import type { LogLine } from "../../contract/LogLine";
import type { LogPage } from "../../contract/LogPage";
import type { LogSource } from "../../contract/LogSource";
import type { Problem } from "../../contract/Problem";
import { CursorList } from "../../lib/cursor-list.svelte";
import type { RowShown } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m } from "../../words.svelte";
import { asked, NO_FILTER, type Filter } from "./filter";

const PAGE = 200;

/** Lines of the log of changes, newest first, and where they come from. */
class Lines {
  source = $state<LogSource>("hub");
  /** Why the hub's lines could not be had. */
  silent = $state.raw<Problem | null>(null);
  /** Why there are no lines at all. */
  problem = $state.raw<Problem | null>(null);
  pointed = $state(0);
  readonly list: CursorList<LogLine, number>;

  constructor(ask: (after: number | null) => Promise<LogPage>) {
    this.list = new CursorList<LogLine, number>(
      async (after) => {
        const page = await ask(after);
        this.source = page.source;
        this.silent = page.problem;
        this.problem = null;
        return { rows: page.lines, next: page.next };
      },
      (error) => (this.problem = asProblem(error)),
    );
  }

  get total(): number {
    return this.list.rows.length + (this.list.next === null ? 0 : PAGE);
  }

  move(step: number): void {
    this.pointed = Math.max(0, Math.min(this.list.rows.length - 1, this.pointed + step));
  }

  /** Reads, and reads again whatever changes. */
  attach(): () => void {
    void this.list.restart();
    return onNotice((notice) => {
      const stale = ["stock", "conflicts", "people", "settings"];
      if (notice.kind === "changed" && notice.topics.some((topic) => stale.includes(topic)))
        void this.list.reload();
    });
  }
}

/** « Historique »: everything that happened to one row. */
export class RowHistory extends Lines {
  constructor({ entity, uid }: RowShown) {
    super((after) => call("row_history", { entity, uid, after, limit: PAGE }));
  }
}

/** « Journal d'audit »: what everybody changed, by what the filter asks for. */
export class AuditLog extends Lines {
  filter = $state<Filter>({ ...NO_FILTER });
  /** Tills seen so far, by identity. */
  devices = $state.raw<Record<string, string>>({});
  exporting = $state(false);

  constructor() {
    super(async (after) => {
      const page = await call("change_log", this.#args(after));
      for (const line of page.lines)
        if (line.device && !(line.device in this.devices))
          this.devices = { ...this.devices, [line.device]: line.deviceName };
      return page;
    });
  }

  set(change: Partial<Filter>): void {
    Object.assign(this.filter, change);
    this.pointed = 0;
    void this.list.restart();
  }

  get filtered(): boolean {
    return JSON.stringify(this.filter) !== JSON.stringify(NO_FILTER);
  }

  /** Writes all that the filter finds to a file. */
  async exportFile(): Promise<void> {
    if (this.exporting) return;
    this.exporting = true;
    try {
      const file = await call("export_change_log", this.#args(null));
      if (file) toasts.say("ok", m.audit_exported({ n: file.rows, path: file.path }));
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.exporting = false;
    }
  }

  #args(after: number | null): ChangeLogArgs {
    return { ...asked($state.snapshot(this.filter)), after, limit: PAGE };
  }
}
