import { call } from "../../backend";
import type { Problem } from "../../contract/Problem";
import type { PersonCard } from "../../contract/PersonCard";
import { fold } from "../../lib/marked";
import { shell } from "../../state/shell.svelte";
import { asProblem } from "../../words.svelte";

const SHORTEST_PIN = 4;
const LONGEST_PIN = 8;

function named(typed: string): PersonCard[] {
  const words = fold(typed.trim());
  return (shell.start?.people ?? []).filter((person) =>
    [person.login, ...person.name.split(/[\s-]+/), person.name].some((part) => fold(part).startsWith(words)),
  );
}

/** Sign-in: a person chosen by digit, by name or by pointing, then a PIN. One keyboard serves both, in turn. */
export class SignIn {
  picked = $state<string | null>(null);
  typed = $state("");
  pin = $state("");
  said = $state.raw<Problem | null>(null);
  busy = $state(false);

  get people(): PersonCard[] {
    const all = shell.start?.people ?? [];
    const words = fold(this.typed.trim());
    if (!words) return all;
    return all.filter((person) =>
      [person.login, ...person.name.split(/[\s-]+/), person.name].some((part) =>
        fold(part).startsWith(words),
      ),
    );
  }

  get person(): PersonCard | null {
    return (shell.start?.people ?? []).find((person) => person.uid === this.picked) ?? null;
  }

  get locked(): boolean {
    return (this.person?.lockedUntil ?? 0) > shell.now;
  }

  /** Boxes to draw for the PIN. */
  get boxes(): number {
    return Math.max(SHORTEST_PIN, Math.min(LONGEST_PIN, this.pin.length));
  }

  pick(person: PersonCard): void {
    this.picked = person.uid;
    this.pin = "";
    this.said = null;
    this.typed = "";
  }

  leave(): void {
    if (this.pin) this.pin = "";
    else this.picked = null;
    this.said = null;
    this.typed = "";
  }

  digit(digit: string): void {
    if (!this.picked) {
      const person = this.people[Number(digit) - 1];
      if (person) this.pick(person);
    } else if (!this.locked && this.pin.length < LONGEST_PIN) {
      this.pin += digit;
    }
  }

  /** One more letter of a name; where nobody is called so, the first letter of another. */
  letter(letter: string): void {
    const longer = this.typed + letter;
    this.typed = named(longer).length === 0 && named(letter).length > 0 ? letter : longer;
    this.pin = "";
    this.said = null;
    const [only, another] = named(this.typed);
    this.picked = only && !another ? only.uid : null;
  }

  erase(): void {
    if (this.pin) this.pin = this.pin.slice(0, -1);
    else if (this.typed) this.typed = this.typed.slice(0, -1);
    else this.picked = null;
  }

  move(step: 1 | -1): void {
    const list = this.people;
    const at = list.findIndex((person) => person.uid === this.picked);
    const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
    if (!next) return;
    this.pick(next);
  }

  async enter(): Promise<void> {
    const first = this.people[0];
    if (!this.picked && this.typed && first) return this.pick(first);
    if (!this.picked || this.busy || this.pin.length < SHORTEST_PIN) return;
    this.busy = true;
    try {
      await shell.signIn(this.picked, this.pin);
    } catch (error) {
      this.said = asProblem(error);
      if (this.said.code === "pin_locked") await shell.readPeople();
    } finally {
      this.pin = "";
      this.busy = false;
    }
  }

  /** A key of the keyboard; true when it was for the sign-in. */
  key(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const digit =
      /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : null);
    if (digit && !event.shiftKey) this.digit(digit);
    else if (digit && /^\d$/.test(event.key)) this.digit(event.key);
    else if (event.key === "Backspace") this.erase();
    else if (event.key === "Escape") this.leave();
    else if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (/^[\p{L}'-]$/u.test(event.key)) this.letter(event.key);
    else return false;
    return true;
  }

  async unlock(uid: string): Promise<void> {
    await call("unlock_user", { uid });
    await shell.readPeople();
  }
}
