import type { Problem } from "../contract/Problem";
import { asProblem, problemText } from "../words.svelte";

export type Meaning = "ok" | "wait" | "warn" | "stop";

/** Where a notice leads. */
export interface ToastAction {
  text: string;
  /** The key that does the same, which the whole window hears. */
  cap?: string;
  run: () => void;
  /** Notices of the same thing replace each other. */
  of: string;
}

export interface Toast {
  id: number;
  kind: Meaning;
  title: string;
  until: number;
  action?: ToastAction;
}

const LIFETIME = 6_000;
/** Of one that leads somewhere: it has to be read and reached. */
const LONG_LIFETIME = 20_000;

/** Short notices at the foot of the screen. They never take the focus. */
class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;

  say(kind: Meaning, title: string, action?: ToastAction): void {
    const until = Date.now() + (action ? LONG_LIFETIME : LIFETIME);
    const toast = { id: this.#next++, kind, title, until, action };
    const others = this.list.filter(
      (shown) => shown.title !== title && (!action || shown.action?.of !== action.of),
    );
    this.list = [...others.slice(-2), toast];
  }

  /** What such notices led to was reached. */
  done(of: string): void {
    this.list = this.list.filter((toast) => toast.action?.of !== of);
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
