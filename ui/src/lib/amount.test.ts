import { describe, expect, it } from "vitest";
import { figures, francs, likelyTenders, notesFor, parseFrancs } from "./amount";

describe("amounts", () => {
  it("group thousands with no-break spaces and a true minus", () => {
    expect(figures(0)).toBe("0");
    expect(figures(999)).toBe("999");
    expect(figures(12500)).toBe("12\u00a0500");
    expect(figures(-1234567)).toBe("\u22121\u00a0234\u00a0567");
    expect(francs(304000)).toBe("304\u00a0000\u00a0GNF");
  });

  it("are read with or without spaces and never guessed", () => {
    expect(parseFrancs("120000")).toBe(120000);
    expect(parseFrancs(" 120\u00a0000 ")).toBe(120000);
    expect(parseFrancs("120\u202f000")).toBe(120000);
    for (const bad of ["", "-1", "12,5", "1e5", "abc", "1234567890123"]) expect(parseFrancs(bad)).toBeNull();
  });

  it("are handed back in the fewest notes", () => {
    expect(notesFor(16000)).toEqual([
      { face: 10000, count: 1 },
      { face: 5000, count: 1 },
      { face: 1000, count: 1 },
    ]);
    expect(notesFor(0)).toEqual([]);
  });

  it("suggest what a customer is likely to hand over", () => {
    expect(likelyTenders(104000)).toEqual([105000, 110000, 120000]);
    expect(likelyTenders(100000)).toEqual([500000]);
  });
});
