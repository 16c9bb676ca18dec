import { describe, expect, it } from "vitest";
import { asked, NO_FILTER, SETS } from "./filter";

describe("the filter of the journal", () => {
  it("asks for everything where nothing is chosen", () => {
    const { kinds, ...rest } = asked(NO_FILTER);
    expect(kinds).toEqual([]);
    expect(Object.values(rest).every((value) => value === null)).toBe(true);
  });

  it("takes both its days whole", () => {
    const { since, until } = asked({ ...NO_FILTER, since: "2026-11-20", until: "2026-11-20" });
    expect(since).toBe(new Date(2026, 10, 20).getTime());
    expect(until).toBe(new Date(2026, 10, 21).getTime());
  });

  it("names the kinds of a journal, none of them in two", () => {
    expect(asked({ ...NO_FILTER, set: "conflicts" }).kinds).toContain("resolution");
    const all = Object.values(SETS).flat() as string[];
    expect(new Set(all).size).toBe(all.length);
  });
});
