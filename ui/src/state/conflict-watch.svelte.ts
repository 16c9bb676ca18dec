import { call, onNotice } from "../backend";
import type { Notice } from "../contract/Notice";
import { figures } from "../lib/amount";
import { m } from "../words.svelte";
import { shell } from "./shell.svelte";
import { toasts } from "./toasts.svelte";

/** Tells whoever may resolve them, in the window and on the desktop, that conflicts wait, and leads there. */
class ConflictWatch {
  /** How many wait; not read yet: `null`. */
  #known: number | null = null;

  /** Listens until what this returns is called. What waited before somebody signed in is told in the window only. */
  attach(): () => void {
    this.#known = null;
    if (shell.sync) this.counted(shell.sync.conflicts);
    return onNotice((notice) => this.#hear(notice));
  }

  /** How many wait now. */
  counted(open: number): void {
    const before = this.#known;
    this.#known = open;
    if (open === 0) toasts.done("conflicts");
    if (open <= (before ?? 0) || !shell.may("resolve_conflicts")) return;
    this.#say(open);
    if (before === null) return;
    const title = m.conflicts_to_resolve({ n: open, text: figures(open) });
    call("tell_desktop", { title, body: m.conflicts_to_resolve_text() }).catch(() => null);
  }

  #hear(notice: Notice): void {
    if (notice.kind === "conflicts") this.counted(notice.open);
    if (notice.kind === "conflictAlreadySettled" && shell.may("resolve_conflicts")) {
      const { label, resolvedBy } = notice.conflict;
      toasts.say("warn", m.conflict_already({ label, who: resolvedBy ?? m.settle_somebody() }));
    }
    if (notice.kind === "conflictAsksAgain" && shell.may("resolve_conflicts")) {
      const { label, hubBy } = notice.conflict;
      toasts.say("warn", m.conflict_again({ label, who: hubBy ?? m.settle_somebody() }));
    }
  }

  #say(open: number): void {
    const title = m.conflicts_to_resolve({ n: open, text: figures(open) });
    const run = (): void => shell.showConflicts();
    toasts.say("warn", title, { text: m.conflicts_resolve(), cap: "Alt C", run, of: "conflicts" });
  }
}

export const conflictWatch = new ConflictWatch();
