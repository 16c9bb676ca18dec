/** Accent-blind marks for the letters that were typed. */

/** A piece of text, marked or not. */
export interface Piece {
  text: string;
  on: boolean;
}

/** Lower case without accents, one character for one character. */
export function fold(text: string): string {
  return [...text]
    .map((letter) => letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().slice(0, 1) || " ")
    .join("");
}

/** Cuts a text so that every word's beginning that matches what was typed stands alone. */
export function marked(text: string, typed: string): Piece[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const folded = fold(text);
  const letters = [...text];
  const on = new Array<boolean>(letters.length).fill(false);
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(folded[at - 1] ?? " ")) on.fill(true, at, at + word.length);
    }
  }
  return join(letters, on);
}

function join(letters: string[], on: boolean[]): Piece[] {
  const pieces: Piece[] = [];
  letters.forEach((letter, index) => {
    const last = pieces.at(-1);
    if (last && last.on === on[index]) last.text += letter;
    else pieces.push({ text: letter, on: on[index] ?? false });
  });
  return pieces;
}
