import { describe, expect, it } from "vitest";
import { Pace } from "./pace";

describe("the time left of a step", () => {
  it("follows from the pace since the step began, and from nothing before", () => {
    const pace = new Pace();
    expect(pace.left({ step: "pull", done: 0, of: 1_000 }, 0)).toBeNull();
    expect(pace.left({ step: "pull", done: 10, of: 1_000 }, 100)).toBeNull();
    expect(pace.left({ step: "pull", done: 250, of: 1_000 }, 5_000)).toBe(15_000);
    expect(pace.left({ step: "pull", done: 1_200, of: 1_000 }, 6_000)).toBe(0);
  });

  it("is not told where the end is not known, and begins again with each step and each run", () => {
    const pace = new Pace();
    pace.left({ step: "push", done: 0, of: null }, 0);
    expect(pace.left({ step: "push", done: 90, of: null }, 9_000)).toBeNull();
    expect(pace.left({ step: "pull", done: 0, of: 100 }, 9_000)).toBeNull();
    expect(pace.left({ step: "pull", done: 50, of: 100 }, 11_000)).toBe(2_000);
    expect(pace.left(null, 12_000)).toBeNull();
    expect(pace.left({ step: "pull", done: 60, of: 100 }, 60_000)).toBeNull();
  });
});
