import type { Piece } from "./marked";

/**
 * A text against the one it came from: what is not common to both ends is marked, by letters in a code, by whole words
 * where there are several.
 */
export function differing(text: string, base: string): Piece[] {
  const units = cut(text);
  const before = cut(base, /\s/.test(text));
  let start = 0;
  while (start < units.length && start < before.length && units[start] === before[start]) start += 1;
  let end = 0;
  const room = Math.min(units.length, before.length) - start;
  while (end < room && units[units.length - 1 - end] === before[before.length - 1 - end]) end += 1;
  const upto = units.length - end;
  const pieces = [
    { text: units.slice(0, start).join(""), on: false },
    { text: units.slice(start, upto).join(""), on: true },
    { text: units.slice(upto).join(""), on: false },
  ];
  return pieces.filter((piece) => piece.text !== "");
}

function cut(text: string, words = /\s/.test(text)): string[] {
  return words ? text.split(/(\s+|,)/).filter(Boolean) : [...text];
}
