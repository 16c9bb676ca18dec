import { describe, expect, it } from "vitest";
import { inUnits } from "./units";

const box = { position: 0, name: "boîte", factor: 35, price: 65_000 };
const tablet = { position: 1, name: "comprimé", factor: 1, price: 1_900 };
const units = [box, tablet];

describe("a quantity in the unit of its line", () => {
  it("is whole units and what is left over", () => {
    expect(inUnits(280, { unit: box, units })).toBe("8 boîtes");
    expect(inUnits(37, { unit: box, units })).toBe("1 boîte + 2 comprimés");
    expect(inUnits(4, { unit: box, units })).toBe("4 comprimés");
    expect(inUnits(0, { unit: box, units })).toBe("0 boîte");
    expect(inUnits(280, { unit: tablet, units })).toBe("280 comprimés");
  });

  it("does without the name of a unit that nobody sells", () => {
    expect(inUnits(36, { unit: box, units: [box] })).toBe("1 boîte + 1");
  });
});
