import { call, onNotice } from "../../backend";
import type { DecisionName } from "../../contract/DecisionName";
import type { ToSettleView } from "../../contract/ToSettleView";
import { Latest } from "../../lib/latest";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m, problemText } from "../../words.svelte";

/** The engine's own measure: fewer letters say nothing. */
const REASON_CHARS = 3;

export type Decision = Exclude<DecisionName, "withdrawn">;

/** « À régulariser »: the refused tickets of every till, the one looked at, and the decision being taken. */
export class Settling {
  list = $state.raw<ToSettleView[]>([]);
  loaded = $state(false);
  picked = $state<string | null>(null);
  deciding = $state<Decision | null>(null);
  reason = $state("");
  busy = $state(false);
  refused = $state<string | null>(null);

  #latest = new Latest(
    () => call("list_to_settle", null),
    (list) => this.#deliver(list),
    (error) => toasts.refuse(error),
  );

  get ticket(): ToSettleView | null {
    return this.list.find((ticket) => ticket.uid === this.picked) ?? null;
  }

  /** Who looks may decide. */
  get may(): boolean {
    return shell.may("settle_sale");
  }

  get ready(): boolean {
    return !this.busy && [...this.reason.trim()].length >= REASON_CHARS;
  }

  attach(): () => void {
    void this.read();
    return onNotice((notice) => {
      const settled = notice.kind === "saleToSettle" || notice.kind === "saleAlreadySettled";
      if (settled || (notice.kind === "changed" && notice.topics.includes("sales"))) void this.read();
    });
  }

  read(): Promise<void> {
    return this.#latest.run(null);
  }

  move(step: 1 | -1): void {
    const at = this.list.findIndex((ticket) => ticket.uid === this.picked);
    this.picked = this.list[Math.min(this.list.length - 1, Math.max(0, at + step))]?.uid ?? null;
  }

  /** Opens the confirmation of one of the two ways out. */
  choose(decision: Decision): void {
    if (!this.may || !this.ticket) return;
    this.deciding = decision;
    this.reason = "";
    this.refused = null;
  }

  leave(): void {
    if (!this.busy) this.deciding = null;
  }

  async confirm(): Promise<void> {
    const { ticket, deciding: decision } = this;
    if (!ticket || !decision || !this.ready) return;
    this.busy = true;
    try {
      await call("settle_sale", { sale: ticket.uid, decision, reason: this.reason.trim() });
      toasts.say("ok", this.#done(decision, ticket.number));
      this.deciding = null;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.busy = false;
      await Promise.all([this.read(), shell.readSync()]);
    }
  }

  #done(decision: Decision, number: string): string {
    return decision === "kept" ? m.settle_done_kept({ number }) : m.settle_done_cancelled({ number });
  }

  /** Somebody else was first: there is nothing left to decide. Anything else is said where the decision is taken. */
  #failed(error: unknown): void {
    const problem = asProblem(error);
    if (problem.code !== "already_settled") {
      this.refused = problemText(problem);
      return;
    }
    this.deciding = null;
    toasts.say("warn", problemText(problem));
  }

  #deliver(list: ToSettleView[]): void {
    this.list = list;
    this.loaded = true;
    if (!this.ticket) {
      this.picked = list[0]?.uid ?? null;
      if (!this.busy) this.deciding = null;
    }
  }
}
