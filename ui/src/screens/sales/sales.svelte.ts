import { call, onNotice } from "../../backend";
import type { HeldTicket } from "../../contract/HeldTicket";
import type { ReceiptView } from "../../contract/ReceiptView";
import type { SaleRow } from "../../contract/SaleRow";
import type { SalesPage } from "../../contract/SalesPage";
import type { SaleStateName } from "../../contract/SaleStateName";
import { Latest } from "../../lib/latest";
import { toasts } from "../../state/toasts.svelte";

const PAGE = 100;

export type SalesFilter = "all" | "pending" | "confirmed" | "refused" | "flagged";
const STATES: Record<SalesFilter, SaleStateName[]> = {
  all: [],
  pending: ["recorded", "sent"],
  confirmed: ["confirmed"],
  refused: ["reversed", "regularised"],
  flagged: [],
};

/** Ventes: the tickets, newest first, and the one looked at. */
export class SalesList {
  text = $state("");
  filter = $state<SalesFilter>("all");
  rows = $state.raw<SaleRow[]>([]);
  held = $state.raw<HeldTicket[]>([]);
  today = $state.raw({ count: 0, total: 0 });
  receipt = $state.raw<ReceiptView | null>(null);
  loaded = $state(false);
  #next: string | null = $state(null);

  #latest = new Latest(
    (after: string | null) =>
      call("list_sales", {
        text: this.text.trim(),
        states: STATES[this.filter],
        flagged: this.filter === "flagged",
        after,
        limit: PAGE,
      }),
    (page, after) => this.#deliver(page, after),
    (error) => toasts.refuse(error),
  );
  #opened = new Latest(
    (uid: string) => call("receipt", { uid }),
    (receipt) => (this.receipt = receipt),
    (error) => toasts.refuse(error),
  );

  get hasMore(): boolean {
    return this.#next !== null;
  }

  attach(): () => void {
    void this.read();
    return onNotice((notice) => {
      if (notice.kind === "saleSettled" || (notice.kind === "changed" && notice.topics.includes("sales"))) {
        void this.read();
      }
    });
  }

  read(): Promise<void> {
    return this.#latest.run(null);
  }

  more(): Promise<void> {
    return this.#next ? this.#latest.run(this.#next) : Promise.resolve();
  }

  pick(filter: SalesFilter): void {
    this.filter = filter;
    void this.read();
  }

  open(uid: string): Promise<void> {
    return this.#opened.run(uid);
  }

  move(step: 1 | -1): void {
    const at = this.rows.findIndex((row) => row.uid === this.receipt?.uid);
    const row = this.rows[Math.min(this.rows.length - 1, Math.max(0, at + step))];
    if (row) void this.open(row.uid);
  }

  #close(): void {
    this.#opened.forget();
    this.receipt = null;
  }

  #deliver(page: SalesPage, after: string | null): void {
    this.rows = after ? [...this.rows, ...page.rows] : page.rows;
    this.#next = page.next;
    this.held = page.held;
    this.today = { count: page.todayCount, total: page.todayTotal };
    this.loaded = true;
    const shown = this.rows.find((row) => row.uid === this.receipt?.uid) ?? this.rows[0];
    if (shown) void this.open(shown.uid);
    else this.#close();
  }
}
