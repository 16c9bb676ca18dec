import { call, onNotice } from "../../backend";
import type { ProductHit } from "../../contract/ProductHit";
import type { ProductsPage } from "../../contract/ProductsPage";
import type { ProductView } from "../../contract/ProductView";
import type { Standing } from "../../contract/Standing";
import { Latest } from "../../lib/latest";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";

export const PAGE = 100;

/** What was looked at when the history of a row was opened over it. */
let left: { text: string; standing: Standing | null; product: ProductView | null } | null = null;

/** Produits: a list of any length of which only the pages in sight are read, and the product looked at. */
export class ProductsList {
  text = $state("");
  standing = $state<Standing | null>(null);
  total = $state(0);
  loaded = $state(false);
  product = $state.raw<ProductView | null>(null);
  #pages = $state.raw<Record<number, ProductHit[]>>({});
  #asked: number[] = [];
  /** The list is read again as it was: the product looked at may be further down. */
  #browsing = false;

  #first = new Latest(
    () => this.#ask(0),
    (page) => {
      this.#asked = [0];
      this.#pages = { 0: page.rows };
      this.total = page.total;
      this.loaded = true;
      const kept = page.rows.some((row) => row.uid === this.product?.hit.uid);
      const first = page.rows[0];
      if (first && !kept && !this.#browsing) void this.open(first.uid);
      this.#browsing = false;
    },
    (error) => toasts.refuse(error),
  );
  #opened = new Latest(
    (uid: string) => call("product", { uid }),
    (product) => (this.product = product),
    (error) => toasts.refuse(error),
  );

  attach(): () => void {
    if (left && shell.backFromHistory) Object.assign(this, left);
    this.#browsing = this.product !== null;
    void this.read();
    const deaf = onNotice((notice) => {
      if (notice.kind !== "changed" || !notice.topics.some((topic) => ["stock", "conflicts"].includes(topic)))
        return;
      this.#browsing = this.product !== null;
      void this.read();
      if (this.product) void this.open(this.product.hit.uid);
    });
    return () => {
      deaf();
      const { text, standing, product } = this;
      left = { text, standing, product };
    };
  }

  read(): Promise<void> {
    return this.#first.run(undefined);
  }

  pick(standing: Standing | null): void {
    this.standing = standing;
    void this.read();
  }

  row(index: number): ProductHit | null {
    return this.#pages[Math.floor(index / PAGE)]?.[index % PAGE] ?? null;
  }

  /** Reads the pages of these rows, once each. */
  need(from: number, to: number): void {
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page += 1) {
      if (this.#asked.includes(page) || page * PAGE >= this.total) continue;
      this.#asked.push(page);
      void this.#load(page);
    }
  }

  open(uid: string): Promise<void> {
    return this.#opened.run(uid);
  }

  /** The row that the arrows reach from the product looked at; its index, to bring it into sight. */
  move(step: 1 | -1): number {
    const rows = Object.entries(this.#pages).flatMap(([page, hits]) =>
      hits.map((hit, at) => ({ hit, index: Number(page) * PAGE + at })),
    );
    const here = rows.find(({ hit }) => hit.uid === this.product?.hit.uid)?.index ?? -1;
    const index = Math.min(this.total - 1, Math.max(0, here + step));
    const row = this.row(index);
    if (row) void this.open(row.uid);
    return index;
  }

  #ask(page: number): Promise<ProductsPage> {
    return call("list_products", {
      text: this.text.trim(),
      standing: this.standing,
      offset: page * PAGE,
      limit: PAGE,
    });
  }

  async #load(page: number): Promise<void> {
    const asked = this.#asked;
    try {
      const answer = await this.#ask(page);
      if (asked === this.#asked) this.#pages = { ...this.#pages, [page]: answer.rows };
    } catch (error) {
      asked.splice(asked.indexOf(page), 1);
      toasts.refuse(error);
    }
  }
}
