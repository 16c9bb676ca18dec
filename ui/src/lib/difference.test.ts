import { describe, expect, it } from "vitest";
import { differing } from "./difference";

const marks = (text: string, base: string): string =>
  differing(text, base)
    .map((piece) => (piece.on ? `[${piece.text}]` : piece.text))
    .join("");

describe("a text against the one it came from", () => {
  it("marks what changed in the middle, at an end, or throughout", () => {
    expect(marks("X22I7", "X2217")).toBe("X22[I]7");
    expect(marks("X2217A", "X2217")).toBe("X2217[A]");
    expect(marks("Matam", "Kaloum, Conakry")).toBe("[Matam]");
  });

  it("marks nothing where nothing changed or something was only left out", () => {
    expect(marks("622 30 10", "622 30 10")).toBe("622 30 10");
    expect(marks("Coartem", "Coartem")).toBe("Coartem");
    expect(marks("aa", "aaa")).toBe("aa");
  });

  it("marks whole words where there are several", () => {
    expect(marks("664 30 10 11", "622 30 10 10")).toBe("[664 30 10 11]");
    expect(marks("664 30 10 10", "622 30 10 10")).toBe("[664] 30 10 10");
    expect(marks("Matam, Conakry", "Kaloum, Conakry")).toBe("[Matam], Conakry");
  });

  it("marks all of a text that came from nothing", () => {
    expect(marks("Laborex", "")).toBe("[Laborex]");
    expect(differing("", "Laborex")).toEqual([]);
  });
});
