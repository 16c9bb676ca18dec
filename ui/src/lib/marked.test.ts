import { describe, expect, it } from "vitest";
import { marked } from "./marked";

describe("marks", () => {
  it("show the typed beginning of a word, accents aside", () => {
    expect(marked("Artéméther", "arte")).toEqual([
      { text: "Arté", on: true },
      { text: "méther", on: false },
    ]);
  });

  it("ignore the middle of words", () => {
    expect(marked("Clamoxyl", "amo")).toEqual([{ text: "Clamoxyl", on: false }]);
  });
});
