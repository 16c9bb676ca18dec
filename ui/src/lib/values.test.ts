import { describe, expect, it } from "vitest";
import { canType, parseAs, same } from "./values";

describe("a typed value", () => {
  it("of money takes any grouping and refuses what is no amount", () => {
    expect(parseAs("money", "48 500", true)).toEqual({ value: 48_500 });
    expect(parseAs("money", "48,5", true)).toEqual({ fault: "money" });
    expect(parseAs("money", "-3", true)).toEqual({ fault: "money" });
  });

  it("left out empties a field only where it may be empty", () => {
    expect(parseAs("money", " ", true)).toEqual({ value: null });
    expect(parseAs("date", "", false)).toEqual({ fault: "empty" });
    expect(parseAs("text", "  ", false)).toEqual({ value: "" });
  });

  it("of a date is written as on paper, on a box or by the engine", () => {
    for (const text of ["31/01/2027", "31012027", "2027-01-31", "31.1.2027", "01/2027"])
      expect(parseAs("date", text, false)).toEqual({ value: "2027-01-31" });
    expect(parseAs("date", "02/2028", false)).toEqual({ value: "2028-02-29" });
    for (const text of ["31/02/2027", "2027-13-01", "13/2027", "demain"])
      expect(parseAs("date", text, false)).toEqual({ fault: "date" });
  });

  it("of an instant is a day and a time of this place", () => {
    const at = (hour: number, minute: number) => new Date(2027, 0, 31, hour, minute).getTime();
    expect(parseAs("instant", "31/01/2027 15:42", true)).toEqual({ value: at(15, 42) });
    expect(parseAs("instant", "31012027 9h05", true)).toEqual({ value: at(9, 5) });
    expect(parseAs("instant", "31/01/2027", true)).toEqual({ value: at(0, 0) });
    expect(parseAs("instant", "", true)).toEqual({ value: null });
    for (const text of ["31/01/2027 25:00", "31/02/2027 10:00", "15:42", "hier 10:00"])
      expect(parseAs("instant", text, true)).toEqual({ fault: "instant" });
  });

  it("of an integer is whole", () => {
    expect(parseAs("int", "−12", false)).toEqual({ value: -12 });
    expect(parseAs("int", "1.5", false)).toEqual({ fault: "int" });
  });

  it("is not asked for where one can only pick", () => {
    for (const kind of ["ref", "rows", "bool"] as const) expect(canType(kind)).toBe(false);
    expect(canType("text")).toBe(true);
  });

  it("is another one only by what it holds", () => {
    expect(same({ a: 1 }, { a: 1 })).toBe(true);
    expect(same(undefined, null)).toBe(true);
    expect(same("1", 1)).toBe(false);
  });
});
