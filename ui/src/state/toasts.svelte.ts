import type { Problem } from "../contract/Problem";
import { asProblem, problemText } from "../words.svelte";

export type Meaning = "ok" | "wait" | "warn" | "stop";

export interface Toast {
  id: number;
  kind: Meaning;
  title: string;
  until: number;
}

const LIFETIME = 6_000;

/** Short notices at the foot of the screen. They never take the focus. */
class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  say(kind: Meaning, title: string): void {
    const toast = { id: this.#next++, kind, title, until: Date.now() + LIFETIME };
    this.list = [...this.list.filter((shown) => shown.title !== title).slice(-2), toast];
  }

  /** Words a refused command. */
  refuse(error: unknown): Problem {
    const problem = asProblem(error);
    this.say("warn", problemText(problem));
    return problem;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  expire(now: number): void {
    if (this.list.some((toast) => toast.until <= now))
      this.list = this.list.filter((toast) => toast.until > now);
  }
}

export const toasts = new Toasts();
