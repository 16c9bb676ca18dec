import { expect, it } from "vitest";
import { waitsText } from "./words";

it("says what waits under the old name, and nothing where nothing does", () => {
  expect(waitsText({ tickets: 12, others: 1 })).toBe("12 tickets et 1 autre opération");
  expect(waitsText({ tickets: 1, others: 0 })).toBe("1 ticket");
  expect(waitsText({ tickets: 0, others: 3 })).toBe("3 autres opérations");
  expect(waitsText({ tickets: 0, others: 0 })).toBe("");
});
