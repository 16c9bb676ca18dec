import { call, onNotice } from "../../backend";
import type { CartLine } from "../../contract/CartLine";
import type { CartView } from "../../contract/CartView";
import type { Notice } from "../../contract/Notice";
import type { Problem } from "../../contract/Problem";
import type { ProductHit } from "../../contract/ProductHit";
import type { ReceiptView } from "../../contract/ReceiptView";
import { play, type SoundName } from "../../lib/sounds";
import { splitCount } from "../../lib/quantity";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m } from "../../words.svelte";
import { Paper } from "./paper.svelte";
import { Search } from "./search.svelte";

export type DialogName = "pay" | "quantity" | "lot" | "held" | "receipt";
export type TillNote =
  | { kind: "unknown"; code: string; problem: Problem }
  | { kind: "refused"; problem: Problem }
  | { kind: "heldBack"; number: string; problem: Problem | null };

type Verdict = Extract<Notice, { kind: "saleSettled" }>;

/** The sale under way. Commands run one after another, in the order of the keys that asked for them. */
export class Till {
  cart = $state.raw<CartView | null>(null);
  /** The ticket just sold: its change stays until the next scan. */
  done = $state.raw<ReceiptView | null>(null);
  note = $state.raw<TillNote | null>(null);
  dialog = $state<DialogName | null>(null);
  selected = $state<number | null>(null);
  /** The unknown code that the next chosen product gets. */
  attaching = $state<string | null>(null);
  search: Search;
  readonly paper = new Paper();

  /** Verdicts heard since the last sale was asked for: its own may be here before its answer. */
  #verdicts: Verdict[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(bursting: () => boolean) {
    this.search = new Search(bursting);
  }

  get line(): CartLine | null {
    return this.cart?.lines.find((line) => line.line === this.selected) ?? null;
  }

  /** The first line that keeps the ticket from being paid and can be brought down to what there is. */
  get blocking(): CartLine | null {
    return (
      this.cart?.lines.find((line) => line.nudge?.kind === "short" || line.nudge?.kind === "refused") ?? null
    );
  }

  /** Reads the cart and listens; call what it returns to stop. */
  attach(): () => void {
    void this.reload();
    const deaf = onNotice((notice) => this.#hear(notice));
    return () => {
      deaf();
      void this.print();
    };
  }

  reload(): Promise<void> {
    return this.#run(() => call("cart", null));
  }

  /** A scan, or a code typed by hand. */
  scan(text: string, typedCount: number | null = this.search.count): Promise<void> {
    const { count, rest } = splitCount(text);
    const many = count ?? typedCount ?? 1;
    this.search.clear();
    this.dialog = null;
    shell.helpOpen = false;
    return this.#run(async () => {
      const view = await call("scan", { code: rest, count: many });
      this.#scanned(view.outcome, view.problem, rest);
      if (view.outcome === "ambiguous") this.search.offer(view.candidates, many);
      return view.cart;
    });
  }

  #scanned(outcome: string, problem: Problem | null, code: string): void {
    this.note = null;
    this.attaching = null;
    if (outcome === "added") {
      this.done = null;
      this.#sound("accepted");
    } else if (outcome === "unknown" && problem?.code === "code_unknown") {
      this.note = { kind: "unknown", code, problem };
      this.#sound("unknown");
    } else if (outcome === "ambiguous") this.#sound("unknown");
    else if (problem) {
      this.note = { kind: "refused", problem };
      this.#sound(problem.code.startsWith("lot_") ? "expired" : "unknown");
    }
  }

  /** Adds a product found by name, after giving it the code that nobody knew. */
  choose(hit: ProductHit): Promise<void> {
    const count = this.search.count ?? 1;
    const code = this.attaching;
    this.search.clear();
    this.attaching = null;
    this.note = null;
    return this.#run(async () => {
      if (code) {
        await call("attach_code", { product: hit.uid, code, unit: null });
        toasts.say("ok", m.code_attached({ code, product: hit.name }));
      }
      try {
        const cart = await call("add_product", { product: hit.uid, count, unit: null });
        this.done = null;
        this.#sound("accepted");
        return cart;
      } catch (error) {
        this.note = { kind: "refused", problem: asProblem(error) };
        this.#sound("expired");
        return null;
      }
    });
  }

  setQuantity(line: number, count: number, unit: number | null): Promise<void> {
    return this.#run(() => call("set_quantity", { line, count, unit }));
  }

  remove(line: number): Promise<void> {
    return this.#run(() => call("remove_line", { line }));
  }

  chooseLot(line: number, batch: string | null, reason: string): Promise<void> {
    return this.#run(() => call("choose_lot", { line, batch, reason }));
  }

  markInHand(line: number, inHand: boolean): Promise<void> {
    return this.#run(() => call("mark_in_hand", { line, inHand }));
  }

  /** Brings a line down to what there is, or drops it where there is none. */
  keepAvailable(line: CartLine): Promise<void> {
    const count = availableCount(line);
    return count > 0 ? this.setQuantity(line.line, count, null) : this.remove(line.line);
  }

  hold(): Promise<void> {
    if (!this.cart?.lines.length) return Promise.resolve();
    return this.#run(async () => {
      const cart = await call("hold_cart", null);
      void shell.readSync();
      return cart;
    });
  }

  recall(cart: string): Promise<void> {
    this.dialog = null;
    this.done = null;
    this.note = null;
    return this.#run(async () => {
      const recalled = await call("recall_cart", { cart });
      void shell.readSync();
      return recalled;
    });
  }

  /**
   * What was received when nothing is said: the exact sum; on a ticket that came back, the money taken the first
   * time where it covers the sum, so that what is to be handed back is said and recorded.
   */
  get received(): number {
    const total = this.cart?.total ?? 0;
    return Math.max(total, this.cart?.returnedFrom?.paid ?? 0);
  }

  /** Takes the money: `received` where nothing is given. */
  pay(tendered: number | null): Promise<void> {
    return this.#run(async () => {
      const cart = this.cart;
      if (!cart?.lines.length) return null;
      this.#verdicts = [];
      try {
        this.done = await call("commit_sale", {
          tendered: tendered ?? (cart.returnedFrom ? this.received : null),
          expectedTotal: cart.total,
        });
        this.note = null;
        this.dialog = null;
        this.paper.hold(this.done, () => void this.print());
        const { uid } = this.done;
        this.#verdicts
          .filter((verdict) => verdict.receipt.uid === uid)
          .forEach((verdict) => this.#settled(verdict));
      } catch (error) {
        this.#sound("refused");
        this.dialog = null;
        toasts.refuse(error);
      }
      return call("cart", null);
    });
  }

  /** Lets the waiting paper out. */
  async print(): Promise<void> {
    const receipt = await this.paper.print();
    if (receipt && this.done?.uid === receipt.uid) this.done = receipt;
  }

  select(step: 1 | -1): void {
    const lines = this.cart?.lines ?? [];
    const at = lines.findIndex((line) => line.line === this.selected);
    this.selected = lines[Math.min(lines.length - 1, Math.max(0, at + step))]?.line ?? null;
  }

  /** Runs after whatever was asked before; a refusal is said and the cart stays as it is. */
  #run(work: () => Promise<CartView | null>): Promise<void> {
    const turn = this.#queue.then(async () => {
      try {
        const cart = await work();
        if (cart) this.#adopt(cart);
      } catch (error) {
        toasts.refuse(error);
      }
    });
    this.#queue = turn;
    return turn;
  }

  #adopt(cart: CartView): void {
    this.cart = cart;
    this.selected = cart.current ?? cart.lines.at(-1)?.line ?? null;
  }

  #hear(notice: Notice): void {
    if (notice.kind === "saleSettled") {
      this.#verdicts.push(notice);
      if (notice.cart !== "none") this.#sound("refused");
      this.#settled(notice);
    }
    if (notice.kind !== "changed") return;
    if (notice.topics.includes("cart")) void this.reload();
    if (notice.topics.includes("stock")) this.search.again();
    if (notice.topics.includes("sales")) void this.#refreshLast();
  }

  #settled({ receipt, cart: where }: Verdict): void {
    if (this.paper.waiting?.uid === receipt.uid) {
      if (receipt.state === "reversed") this.paper.forget();
      else void this.print();
    }
    if (this.done?.uid === receipt.uid) this.done = where === "open" ? null : receipt;
    if (where === "none") return void this.#refreshLast();
    if (where === "open") this.dialog = null;
    else this.note = { kind: "heldBack", number: receipt.number, problem: receipt.reason };
    void this.reload();
  }

  /** The state of the ticket before, wherever it is shown. */
  async #refreshLast(): Promise<void> {
    const uid = this.done?.uid;
    if (uid) {
      const receipt = await call("receipt", { uid }).catch(() => null);
      if (receipt && this.done?.uid === uid) this.done = receipt;
    } else if (this.cart?.last) await this.reload();
  }

  #sound(name: SoundName): void {
    if (shell.settings?.sounds ?? true) play(name);
  }
}

/** How many of its unit a short or refused line can keep. */
export function availableCount(line: CartLine): number {
  const nudge = line.nudge;
  if (nudge?.kind !== "short" && nudge?.kind !== "refused") return line.count;
  return Math.max(0, Math.floor(nudge.available / line.unit.factor));
}
