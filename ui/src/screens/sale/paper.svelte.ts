import { call } from "../../backend";
import type { ReceiptView } from "../../contract/ReceiptView";
import { toasts } from "../../state/toasts.svelte";
import { asProblem } from "../../words.svelte";

/** The longest that paper waits for a verdict. */
export const PAPER_MS = 5_000;

/** The paper of the last ticket, where it waits for the verdict. */
export class Paper {
  /** Whose paper waits, and since when. */
  waiting = $state.raw<{ uid: string; since: number } | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Lets it wait, where it has to; `out` when it has waited long enough. */
  hold(receipt: ReceiptView, out: () => void): void {
    this.forget();
    if (!receipt.paperWaits) return;
    this.waiting = { uid: receipt.uid, since: Date.now() };
    this.#timer = setTimeout(out, PAPER_MS);
  }

  /** No paper comes of it any more. */
  forget(): void {
    clearTimeout(this.#timer);
    this.waiting = null;
  }

  /** Lets it out; nothing where none waits. A refusal that came first has brought the cart back. */
  async print(): Promise<ReceiptView | null> {
    const paper = this.waiting;
    if (!paper) return null;
    this.forget();
    try {
      return await call("print_ticket", { uid: paper.uid });
    } catch (error) {
      if (asProblem(error).code !== "ticket_withdrawn") toasts.refuse(error);
      return null;
    }
  }
}
