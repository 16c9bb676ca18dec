import { call } from "../../backend";
import type { ProductHit } from "../../contract/ProductHit";
import { Latest } from "../../lib/latest";
import { GAP } from "../../lib/scanner";
import { splitCount } from "../../lib/quantity";

const LIMIT = 8;
const FEWEST_LETTERS = 2;

/** The scan field: its text, the count before it, and what it finds. Stale answers are dropped. */
export class Search {
  text = $state("");
  count = $state<number | null>(null);
  hits = $state.raw<ProductHit[]>([]);
  index = $state(0);
  /** The arrows were used: Enter takes the marked row even where digits were typed. */
  pointed = $state(false);
  /** The text that `hits` answers. */
  answered = $state("");
  /** Products offered for a choice rather than found by typing. */
  offered = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #latest = new Latest(
    (text: string) => call("search_products", { text, limit: LIMIT }),
    (hits, text) => this.#deliver(hits, text),
  );

  /** Whether keys come at a scanner's pace: then the question waits for the burst to end. */
  constructor(private readonly bursting: () => boolean) {}

  get open(): boolean {
    return this.offered || (this.text.trim().length >= FEWEST_LETTERS && this.answered !== "");
  }

  get current(): ProductHit | null {
    return this.hits[this.index] ?? null;
  }

  /** As many as are ever shown: there may be more. */
  get full(): boolean {
    return !this.offered && this.hits.length >= LIMIT;
  }

  /** The field changed. */
  input(value: string): void {
    const { count, rest } = splitCount(value);
    if (count !== null) this.count = count;
    this.text = rest;
    this.pointed = false;
    this.offered = false;
    clearTimeout(this.#timer);
    if (this.bursting()) this.#timer = setTimeout(() => this.#ask(), GAP + 10);
    else this.#ask();
  }

  #ask(): void {
    clearTimeout(this.#timer);
    const text = this.text.trim();
    if (text.length >= FEWEST_LETTERS) void this.#latest.run(text);
    else this.#close();
  }

  /** What may be sold has changed: the list under the field is asked again. */
  again(): void {
    if (this.open && !this.offered) void this.#latest.run(this.text.trim());
  }

  /** The row that Enter takes, once the last keystroke is answered. */
  async settled(): Promise<ProductHit | null> {
    if (this.text.trim() && this.answered !== this.text.trim()) {
      this.#ask();
      await this.#latest.settled();
    }
    return this.current;
  }

  move(step: 1 | -1): void {
    this.index = Math.min(this.hits.length - 1, Math.max(0, this.index + step));
    this.pointed = true;
  }

  /** Lets the cashier choose among products that share a code. */
  offer(hits: ProductHit[], count: number): void {
    this.clear();
    this.hits = hits;
    this.count = count > 1 ? count : null;
    this.offered = true;
  }

  clear(): void {
    this.text = "";
    this.count = null;
    this.offered = false;
    this.#close();
  }

  #close(): void {
    this.#latest.forget();
    this.hits = [];
    this.answered = "";
    this.index = 0;
    this.pointed = false;
  }

  #deliver(hits: ProductHit[], text: string): void {
    this.index = this.answered === text ? Math.min(this.index, Math.max(0, hits.length - 1)) : 0;
    this.hits = hits;
    this.answered = text;
  }
}
