import { call } from "../../../backend";
import type { ConflictField } from "../../../contract/ConflictField";
import { Latest } from "../../../lib/latest";
import { toasts } from "../../../state/toasts.svelte";

/** A row that a reference may name. */
export interface Named {
  uid: string;
  name: string;
  /** What tells it from another of that name. */
  detail: string;
}

const LIMIT = 5;

async function contacts(entity: string, text: string): Promise<Named[]> {
  const rows = await call("list_contacts", { entity, text, limit: LIMIT });
  return rows.map(({ uid, name, phone, address }) => ({ uid, name, detail: phone || address }));
}

/** Entities whose rows a command lists by name. */
const LISTS: Record<string, (text: string) => Promise<Named[]>> = {
  supplier: (text) => contacts("supplier", text),
  customer: (text) => contacts("customer", text),
  product: (text) => call("search_products", { text, limit: LIMIT }),
};

/** A reference to rows that can be looked for. */
export const listed = ({ refers }: ConflictField): boolean => refers !== null && refers in LISTS;

/** Rows found by a name while it is typed. */
export class RowSearch {
  /** The field that is being typed. */
  path = $state<string | null>(null);
  hits = $state.raw<Named[]>([]);
  pointed = $state(0);
  /** The last text found no row. */
  nothing = $state(false);

  #asked = new Latest(
    ({ refers, text }: { refers: string; text: string }) => LISTS[refers]?.(text) ?? Promise.resolve([]),
    (rows) => {
      this.hits = rows;
      this.pointed = 0;
      this.nothing = rows.length === 0;
    },
    (error) => toasts.refuse(error),
  );

  get open(): boolean {
    return this.hits.length > 0;
  }

  async find({ path, refers }: ConflictField, text: string): Promise<void> {
    if (!refers || !text.trim()) return this.close();
    this.path = path;
    await this.#asked.run({ refers, text: text.trim() });
  }

  move(step: number): void {
    this.pointed = Math.max(0, Math.min(this.hits.length - 1, this.pointed + step));
  }

  close(): void {
    this.#asked.forget();
    this.path = null;
    this.hits = [];
    this.nothing = false;
  }
}
