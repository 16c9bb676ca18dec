import { SILENCE, Wedge, type Stroke } from "../lib/scanner";

/** Keys of a burst from which a search waits: a scan is probably under way. */
const PROBABLY_A_SCAN = 3;

type TextField = HTMLInputElement | HTMLTextAreaElement;

/** Listens to the whole window: a scan is a scan whatever holds the focus, and leaves no trace in a field. */
export class ScannerInput {
  #wedge = new Wedge();
  #before: { field: TextField; value: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onscan: (code: string) => void) {}

  /** Starts listening; call what it returns to stop. */
  attach(): () => void {
    const hear = (event: KeyboardEvent) => this.#hear(event);
    window.addEventListener("keydown", hear, { capture: true });
    return () => {
      clearTimeout(this.#timer);
      window.removeEventListener("keydown", hear, { capture: true });
    };
  }

  /** The keys come too fast for a hand. */
  get bursting(): boolean {
    return this.#wedge.length >= PROBABLY_A_SCAN;
  }

  #hear(event: KeyboardEvent): void {
    if (event.isComposing || event.repeat) return;
    const verdict = this.#wedge.feed(strokeOf(event));
    if (verdict.kind === "start") this.#remember();
    if (verdict.kind === "scan" || verdict.kind === "swallow") {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (verdict.kind === "scan") this.#emit(verdict.code);
    else this.#watchSilence();
  }

  #watchSilence(): void {
    clearTimeout(this.#timer);
    if (!this.bursting) return;
    this.#timer = setTimeout(() => {
      const code = this.#wedge.silence(performance.now());
      if (code !== null) this.#emit(code);
    }, SILENCE + 20);
  }

  #remember(): void {
    const field = document.activeElement;
    const isText = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
    this.#before = isText ? { field, value: field.value } : null;
  }

  #emit(code: string): void {
    clearTimeout(this.#timer);
    if (this.#before && this.#before.field.isConnected) {
      this.#before.field.value = this.#before.value;
      this.#before.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.#before = null;
    this.onscan(code);
  }
}

function strokeOf(event: KeyboardEvent): Stroke {
  return {
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
    at: event.timeStamp,
  };
}
