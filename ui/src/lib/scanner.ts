/**
 * A keyboard wedge recognised by its rhythm. Keys go in with their times; a scan comes out once its terminator
 * (Enter or Tab) arrives in time, or once a burst that has none falls silent. Pure: no clock, no DOM.
 */

/** Longest pause between two keys of one scan, in milliseconds. */
export const GAP = 50;
/** Fewest characters of a scan. */
export const SHORTEST = 5;
/** A burst of at least this many keys without terminator is a scan after `SILENCE`. */
const SHORTEST_BARE = 8;
/** How long a burst without terminator must be silent. */
export const SILENCE = 200;
/** A slow machine may stall once within a scan, this long: shorter than the silence that ends it. */
const STALL = 180;
/** After a scan without terminator, how long a late Enter still belongs to it. */
const LATE_ENTER = 600;

/** One key press, as the browser tells it. */
export interface Stroke {
  key: string;
  code: string;
  shift: boolean;
  ctrl: boolean;
  at: number;
}

/** What to do with a key. */
export type Verdict =
  | { kind: "pass" }
  /** It may start a scan: remember what the field holds. */
  | { kind: "start" }
  /** It belongs to a scan already told: nobody else may see it. */
  | { kind: "swallow" }
  | { kind: "scan"; code: string };

const GROUP_SEPARATOR = "\u001d";
const SHIFTED_DIGITS = ")!@#$%^&*(";
const PLAIN: Record<string, string> = {
  BracketRight: "]",
  BracketLeft: "[",
  Minus: "-",
  Equal: "=",
  Slash: "/",
  Period: ".",
  Comma: ",",
  Semicolon: ";",
  Space: " ",
};

function isSeparator(stroke: Stroke): boolean {
  if (stroke.key === GROUP_SEPARATOR || stroke.code === "F8" || stroke.key === "F8") return true;
  return stroke.ctrl && (stroke.code === "BracketRight" || stroke.key === "]");
}

function digitOf(stroke: Stroke): string | null {
  const match = /^(?:Digit|Numpad)(\d)$/.exec(stroke.code);
  return match ? (match[1] ?? null) : null;
}

/** The layout turns the scanner's digits into something else: letters are then read by physical key too. */
function layoutDiffers(strokes: Stroke[]): boolean {
  return strokes.some((stroke) => {
    const digit = digitOf(stroke);
    return digit !== null && !stroke.shift && !/^\d$/.test(stroke.key);
  });
}

function physical(stroke: Stroke): string {
  const letter = /^Key([A-Z])$/.exec(stroke.code)?.[1];
  if (letter) return stroke.shift ? letter : letter.toLowerCase();
  return PLAIN[stroke.code] ?? stroke.key;
}

function decodeOne(stroke: Stroke, byCode: boolean): string {
  if (isSeparator(stroke)) return GROUP_SEPARATOR;
  const digit = digitOf(stroke);
  const isTypedSymbol = stroke.shift && SHIFTED_DIGITS.includes(stroke.key);
  if (digit !== null && !isTypedSymbol) return digit;
  return byCode ? physical(stroke) : stroke.key;
}

/** The text of a burst, digits read by physical key. */
export function decode(strokes: Stroke[]): string {
  const byCode = layoutDiffers(strokes);
  return strokes.map((stroke) => decodeOne(stroke, byCode)).join("");
}

/** Recognises scans in a stream of keys. */
export class Wedge {
  #burst: Stroke[] = [];
  #stalled = false;
  #lastScan = { at: Number.NEGATIVE_INFINITY, grace: 0 };

  /** Keys of the burst under way. */
  get length(): number {
    return this.#burst.length;
  }

  /** Takes a key. */
  feed(stroke: Stroke): Verdict {
    if (stroke.key === "Enter" || stroke.key === "Tab") return this.#end(stroke);
    if (stroke.key === "Shift") return { kind: "pass" };
    if ((stroke.key.length !== 1 || stroke.ctrl) && !isSeparator(stroke)) return this.#drop();
    const pause = stroke.at - this.#lastAt();
    const starts = this.#burst.length === 0 || pause > (this.#stalled ? GAP : STALL);
    if (starts) this.#burst = [];
    this.#stalled = !starts && (this.#stalled || pause > GAP);
    this.#burst.push(stroke);
    return { kind: starts ? "start" : "pass" };
  }

  /** Called when the keyboard fell silent: the code of a burst that has no terminator, if it is one. */
  silence(at: number): string | null {
    if (this.#burst.length < SHORTEST_BARE || at - this.#lastAt() < SILENCE) return null;
    return this.#isScan() ? this.#take(at, LATE_ENTER) : null;
  }

  #end(stroke: Stroke): Verdict {
    const patience = this.#burst.length >= SHORTEST_BARE ? STALL : GAP;
    const inTime = this.#burst.length > 0 && stroke.at - this.#lastAt() <= patience;
    if (inTime && this.#isScan()) return { kind: "scan", code: this.#take(stroke.at, GAP) };
    this.#burst = [];
    const late = stroke.key === "Enter" && stroke.at - this.#lastScan.at <= this.#lastScan.grace;
    return { kind: late ? "swallow" : "pass" };
  }

  #isScan(): boolean {
    return this.#burst.length >= SHORTEST && /\d/.test(decode(this.#burst));
  }

  #take(at: number, grace: number): string {
    const code = decode(this.#burst);
    this.#burst = [];
    this.#lastScan = { at, grace };
    return code;
  }

  #drop(): Verdict {
    this.#burst = [];
    return { kind: "pass" };
  }

  #lastAt(): number {
    return this.#burst.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }
}
