import { describe, expect, it } from "vitest";
import { looksLikeCode, splitCount } from "./quantity";

describe("the quantity prefix", () => {
  it("counts what follows", () => {
    expect(splitCount("3*")).toEqual({ count: 3, rest: "" });
    expect(splitCount("12*amo")).toEqual({ count: 12, rest: "amo" });
    expect(splitCount("3*3400934865091")).toEqual({ count: 3, rest: "3400934865091" });
  });

  it("is left alone when it is not a quantity", () => {
    for (const text of ["amo", "*", "0*amo", "12345*x", "a3*"]) {
      expect(splitCount(text)).toEqual({ count: null, rest: text });
    }
  });

  it("does not take a short number for a code", () => {
    expect(looksLikeCode("3400934865091")).toBe(true);
    expect(looksLikeCode("500")).toBe(false);
    expect(looksLikeCode("amox500")).toBe(false);
  });
});
