import { describe, expect, it } from "vitest";
import { day, elapsed, expiry, moment, time } from "./dates";

describe("dates", () => {
  it("show an expiry by month, and by day once it is near", () => {
    expect(expiry("2027-06-30", 220)).toBe("06/2027");
    expect(expiry("2027-06-30", 41)).toBe("30/06/2027");
    expect(expiry("2027-06-15", 400)).toBe("15/06/2027");
    expect(expiry("2028-02-29", 460)).toBe("02/2028");
    expect(day("2026-12-31")).toBe("31/12/2026");
  });

  it("name the day only when it is not today", () => {
    const now = new Date(2026, 10, 20, 15, 42).getTime();
    expect(time(now)).toBe("15:42");
    expect(moment(now - 60_000, now)).toBe("15:41");
    expect(moment(now - 86_400_000, now)).toBe("19/11 15:42");
  });

  it("round a duration to its largest unit", () => {
    expect(elapsed(12_400)).toEqual({ unit: "s", n: 12 });
    expect(elapsed(-5)).toEqual({ unit: "s", n: 0 });
    expect(elapsed(240_000)).toEqual({ unit: "min", n: 4 });
    expect(elapsed(2 * 86_400_000)).toEqual({ unit: "d", n: 2 });
  });
});
