import { call, onNotice } from "../backend";
import type { Notice } from "../contract/Notice";
import type { ToSettleView } from "../contract/ToSettleView";
import { figures } from "../lib/amount";
import { m, problemText } from "../words.svelte";
import { shell } from "./shell.svelte";
import { toasts } from "./toasts.svelte";

/** Tells who is at the till, in the window and on the desktop, that a ticket was refused behind their back. */
class RefusalWatch {
  /** How many wait that nobody has to be told of; not read yet: `null`. */
  #known: number | null = null;

  /** Listens until what this returns is called; `known` refused tickets are no news. */
  attach(): () => void {
    this.#known = shell.sync?.toRegularise ?? null;
    return onNotice((notice) => this.#hear(notice));
  }

  /** How many wait now: those of other tills are news to whoever may decide. */
  counted(toSettle: number): void {
    const more = toSettle - (this.#known ?? toSettle);
    this.#known = toSettle;
    if (more > 0 && shell.may("settle_sale")) this.#say(m.refusal_elsewhere({ n: more }), m.refusal_decide());
  }

  #hear(notice: Notice): void {
    if (notice.kind === "saleToSettle") this.#refused(notice.sale);
    if (notice.kind === "saleAlreadySettled") {
      const by = notice.standing?.by ?? m.settle_somebody();
      this.#say(m.refusal_already({ number: notice.number, by }), m.refusal_already_text());
    }
  }

  #refused({ number, total, reason }: ToSettleView): void {
    this.#known = (this.#known ?? 0) + 1;
    const title = m.refusal_title({ number, amount: figures(total) });
    const next = shell.may("settle_sale") ? m.refusal_decide() : m.refusal_ask();
    this.#say(title, [reason ? problemText(reason) : "", next].filter(Boolean).join(" "));
  }

  #say(title: string, body: string): void {
    toasts.say("stop", `${title} ${body}`);
    call("tell_desktop", { title, body }).catch(() => null);
  }
}

export const refusalWatch = new RefusalWatch();
