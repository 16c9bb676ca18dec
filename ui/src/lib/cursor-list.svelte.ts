/** A page of rows and where the next one begins. */
export interface Page<T, C> {
  rows: T[];
  next: C | null;
}

/** A list of any length that is read page by page as it comes into sight, and again without losing its place. */
export class CursorList<T, C> {
  rows = $state.raw<T[]>([]);
  next = $state.raw<C | null>(null);
  /** The first answer has come. */
  loaded = $state(false);
  #turn = 0;
  #reading = false;

  constructor(
    private readonly ask: (after: C | null) => Promise<Page<T, C>>,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Another question: from the first page. */
  restart(): Promise<void> {
    return this.#read(0);
  }

  /** The same question again, down to where it was read; the rows change at once when all is there. */
  reload(): Promise<void> {
    return this.#read(this.rows.length);
  }

  /** Reads on until there are this many rows. */
  async need(count: number): Promise<void> {
    if (this.#reading || this.rows.length >= count || this.next === null) return;
    const turn = this.#turn;
    this.#reading = true;
    try {
      while (turn === this.#turn && this.rows.length < count && this.next !== null) {
        const page = await this.ask(this.next);
        if (turn !== this.#turn) return;
        this.rows = [...this.rows, ...page.rows];
        this.next = page.rows.length > 0 ? page.next : null;
      }
    } catch (error) {
      this.fail(error);
    } finally {
      if (turn === this.#turn) this.#reading = false;
    }
  }

  async #read(count: number): Promise<void> {
    const turn = ++this.#turn;
    this.#reading = true;
    try {
      let { rows, next } = await this.ask(null);
      while (turn === this.#turn && rows.length < count && next !== null) {
        const page = await this.ask(next);
        rows = [...rows, ...page.rows];
        next = page.rows.length > 0 ? page.next : null;
      }
      if (turn !== this.#turn) return;
      this.rows = rows;
      this.next = next;
      this.loaded = true;
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    } finally {
      if (turn === this.#turn) this.#reading = false;
    }
  }
}
