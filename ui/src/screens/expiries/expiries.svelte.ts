import { call, onNotice } from "../../backend";
import type { ExpiriesArgs } from "../../contract/ExpiriesArgs";
import type { ExpiryReport } from "../../contract/ExpiryReport";
import type { ExpiryRow } from "../../contract/ExpiryRow";
import type { ExpirySort } from "../../contract/ExpirySort";
import type { Problem } from "../../contract/Problem";
import type { ProductView } from "../../contract/ProductView";
import { figures } from "../../lib/amount";
import { Latest } from "../../lib/latest";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m } from "../../words.svelte";

/** Périmés: what is asked, what the engine answers, the row pointed at and the product opened from it. */
export class ExpiriesList {
  text = $state("");
  band = $state<number | null>(null);
  supplier = $state<string | null>(null);
  sort = $state<ExpirySort>("expiry");
  report = $state.raw<ExpiryReport | null>(null);
  problem = $state.raw<Problem | null>(null);
  product = $state.raw<ProductView | null>(null);
  exporting = $state(false);
  #picked = $state<string | null>(null);

  #read = new Latest(
    (args: ExpiriesArgs) => call("expiries", args),
    (report) => {
      this.report = report;
      this.problem = null;
    },
    (error) => (this.problem = asProblem(error)),
  );
  #opened = new Latest(
    (uid: string) => call("product", { uid }),
    (product) => (this.product = product),
    (error) => toasts.refuse(error),
  );

  attach(): () => void {
    void this.read();
    return onNotice((notice) => {
      if (notice.kind !== "changed") return;
      if (notice.topics.some((topic) => topic === "stock" || topic === "settings")) void this.read();
      if (this.product && notice.topics.includes("stock")) void this.#opened.run(this.product.hit.uid);
    });
  }

  read(): Promise<void> {
    return this.#read.run(this.#args());
  }

  get rows(): ExpiryRow[] {
    return this.report?.rows ?? [];
  }

  /** Whether the list shows less than there is. */
  get filtered(): boolean {
    return this.text.trim() !== "" || this.band !== null || this.supplier !== null;
  }

  /** The row pointed at: the one picked while it is there, else the first. */
  get index(): number {
    return Math.max(
      0,
      this.rows.findIndex((row) => row.batch === this.#picked),
    );
  }

  pick(change: Partial<Pick<ExpiriesList, "band" | "supplier" | "sort">>): void {
    Object.assign(this, change);
    void this.read();
  }

  /** Points at another row; gives its index, to bring it into sight. */
  move(step: number): number {
    const index = Math.min(this.rows.length - 1, Math.max(0, this.index + step));
    this.#picked = this.rows[index]?.batch ?? null;
    return index;
  }

  point(row: ExpiryRow): void {
    this.#picked = row.batch;
  }

  /** Opens the product of the row pointed at. */
  async open(): Promise<void> {
    const row = this.rows[this.index];
    if (row) await this.#opened.run(row.product);
  }

  close(): void {
    this.#opened.forget();
    this.product = null;
  }

  /** Writes the rows asked for to a file that the person chooses. */
  async exportFile(): Promise<void> {
    if (this.exporting) return;
    this.exporting = true;
    try {
      const file = await call("export_expiries", this.#args());
      if (file)
        toasts.say("ok", m.expiries_exported({ n: file.rows, text: figures(file.rows), path: file.path }));
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.exporting = false;
    }
  }

  #args(): ExpiriesArgs {
    return {
      days: null,
      band: this.band,
      text: this.text.trim().slice(0, 100),
      supplier: this.supplier,
      sort: this.sort,
    };
  }
}
