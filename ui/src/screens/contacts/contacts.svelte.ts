import { call, onNotice } from "../../backend";
import type { ContactView } from "../../contract/ContactView";
import { Latest } from "../../lib/latest";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";

export type ContactKind = "supplier" | "customer";
const LIMIT = 1_000;

/** What was looked at when the history of a row was opened over it. */
let left: { kind: ContactKind; text: string; pointed: number } | null = null;

/** Suppliers or customers, by name. */
export class Contacts {
  kind = $state<ContactKind>("supplier");
  text = $state("");
  pointed = $state(0);
  rows = $state.raw<ContactView[] | null>(null);

  #asked = new Latest(
    () => call("list_contacts", { entity: this.kind, text: this.text.trim(), limit: LIMIT }),
    (rows) => {
      this.rows = rows;
      this.move(0);
    },
    (error) => toasts.refuse(error),
  );

  attach(): () => void {
    if (left && shell.backFromHistory) Object.assign(this, left);
    void this.read();
    const deaf = onNotice((notice) => {
      const stale = ["stock", "people", "conflicts"];
      if (notice.kind === "changed" && notice.topics.some((topic) => stale.includes(topic))) void this.read();
    });
    return () => {
      deaf();
      left = { kind: this.kind, text: this.text, pointed: this.pointed };
    };
  }

  read(): Promise<void> {
    return this.#asked.run(undefined);
  }

  show(kind: ContactKind): void {
    this.kind = kind;
    this.rows = null;
    this.pointed = 0;
    void this.read();
  }

  move(step: number): void {
    this.pointed = Math.max(0, Math.min((this.rows?.length ?? 0) - 1, this.pointed + step));
  }

  /** The history of the row pointed at. */
  open(at = this.pointed): void {
    const row = this.rows?.[at];
    if (!row) return;
    this.pointed = at;
    shell.showHistory({ entity: this.kind, uid: row.uid, label: row.name });
  }
}
