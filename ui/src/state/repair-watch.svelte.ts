import { onNotice } from "../backend";
import type { Notice } from "../contract/Notice";
import type { RepairProgress } from "../contract/RepairProgress";
import { figures } from "../lib/amount";
import { m } from "../words.svelte";
import { shell } from "./shell.svelte";
import { toasts } from "./toasts.svelte";

/** Tells whoever looks after the sync what repaired itself while they did something else, and what is left for them. */
class RepairWatch {
  /** How many findings are left; not read yet: `null`. */
  #known: number | null = null;
  #last: RepairProgress | null = null;

  /** Listens until what this returns is called. */
  attach(): () => void {
    this.#known = null;
    this.#last = null;
    if (shell.sync) this.counted(shell.sync.toRepair);
    return onNotice((notice) => this.#hear(notice));
  }

  /** How many are left now. What was left before somebody signed in is on the strip. */
  counted(left: number): void {
    const before = this.#known;
    this.#known = left;
    if (left === 0) toasts.done("repairs");
    if (before === null || left <= before || !this.#elsewhere()) return;
    const run = (): void => shell.showRepairs();
    const title = m.repairs_told({ n: left, text: figures(left) });
    toasts.say("warn", title, { text: m.repairs_see(), run, of: "repairs" });
  }

  #hear(notice: Notice): void {
    if (notice.kind !== "repairProgress") return;
    const last = this.#last;
    this.#last = notice.progress;
    if (notice.progress || !last?.mended || !this.#elsewhere()) return;
    toasts.say("ok", m.repairs_told_done({ n: last.mended, text: figures(last.mended) }));
  }

  /** On Synchronisation all of it is in sight. */
  #elsewhere(): boolean {
    return shell.may("see_sync") && shell.screen !== "sync";
  }
}

export const repairWatch = new RepairWatch();
