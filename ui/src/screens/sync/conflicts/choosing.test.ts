import { beforeEach, describe, expect, it } from "vitest";
import type { ConflictField } from "../../../contract/ConflictField";
import type { ConflictView } from "../../../contract/ConflictView";
import { language } from "../../../words.svelte";
import { Choosing } from "./choosing.svelte";

const price = {
  ...{ path: "units/0/price", column: "price", kind: "money", nullable: true },
  ...{ base: 45_000, till: 48_000, hub: 47_000, now: 47_000 },
} as ConflictField;
const expiry = {
  ...{ path: "expiry", column: "expiry", kind: "date", nullable: false },
  ...{ base: "2026-12-31", till: "2027-01-31", hub: "2027-06-30", now: "2027-06-30" },
} as ConflictField;
const supplier = {
  ...{ path: "supplier", column: "supplier", kind: "ref", nullable: true, refers: null },
  ...{ base: "a", till: "b", hub: "c", now: "c" },
} as ConflictField;

const of = (fields: ConflictField[], more: Partial<ConflictView> = {}): Choosing =>
  new Choosing({
    summary: { state: "open" },
    fields,
    archived: false,
    resolution: null,
    ...more,
  } as ConflictView);

describe("choosing the values of a conflict", () => {
  beforeEach(() => language.use("fr"));

  it("sends nothing until every field is chosen, and points at the first that is not", () => {
    const choosing = of([price, expiry]);
    choosing.pick("till");
    expect(choosing.left).toBe(1);
    expect(choosing.decide()).toBeNull();
    expect(choosing.at).toBe(1);
    expect(choosing.faults.expiry).toBe("À choisir");
  });

  it("sends the value of each path", () => {
    const choosing = of([price, expiry]);
    choosing.pick("till", 0);
    choosing.pick("hub", 1);
    expect(choosing.decide()).toEqual({
      taken: "picked",
      fields: { "units/0/price": 48_000, expiry: "2027-06-30" },
    });
  });

  it("says all of one side as such, unless the hub's value is in force no more", () => {
    const choosing = of([price, expiry]);
    choosing.pickAll("hub");
    expect(choosing.decide()).toEqual({ taken: "hub", fields: {} });
    const changed = of([{ ...price, now: 46_000 }]);
    changed.pickAll("hub");
    expect(changed.decide()).toEqual({ taken: "picked", fields: { "units/0/price": 47_000 } });
    choosing.pickAll("till");
    expect(choosing.decide()?.taken).toBe("till");
  });

  it("takes a typed value once it is one, and says at the field why it is none", () => {
    const choosing = of([price]);
    choosing.pick("other");
    choosing.typed[price.path] = "49 mille";
    expect(choosing.decide()).toBeNull();
    expect(choosing.faults[price.path]).toContain("montant");
    choosing.typed[price.path] = "49 000";
    expect(choosing.decide()?.fields).toEqual({ "units/0/price": 49_000 });
    expect(choosing.faults).toEqual({});
  });

  it("says the engine's refusal at the field it names, and leaves others alone", () => {
    const choosing = of([price, expiry]);
    expect(choosing.refused({ code: "field_invalid", params: { field: "expiry", why: "not a date" } })).toBe(
      true,
    );
    expect(choosing.at).toBe(1);
    expect(choosing.faults.expiry).toContain("pas une date");
    expect(choosing.refused({ code: "hub_unreachable", params: {} })).toBe(false);
  });

  it("goes by arrows, and offers to type only what can be typed", () => {
    const choosing = of([price, supplier]);
    choosing.turn(1);
    expect(choosing.picks[price.path]).toBe("hub");
    choosing.turn(1);
    choosing.turn(1);
    expect(choosing.picks[price.path]).toBe("other");
    choosing.move(1);
    choosing.turn(-1);
    choosing.turn(1);
    choosing.turn(1);
    expect(choosing.picks.supplier).toBe("hub");
    choosing.move(1);
    expect(choosing.at).toBe(1);
  });

  it("sends of a reference the row that was taken, not the name that was typed", () => {
    const choosing = of([{ ...supplier, refers: "supplier" }]);
    choosing.pick("other");
    choosing.typed.supplier = "Labo";
    expect(choosing.decide()).toBeNull();
    expect(choosing.faults.supplier).toContain("liste");
    choosing.take(supplier, { uid: "d", name: "Laborex", detail: "" });
    expect(choosing.typed.supplier).toBe("Laborex");
    expect(choosing.decide()?.fields).toEqual({ supplier: "d" });
    choosing.typed.supplier = "";
    expect(choosing.decide()?.fields).toEqual({ supplier: null });
  });

  it("shows of a resolved one what was chosen, and lets nobody choose again", () => {
    const choosing = of([price, expiry, supplier], {
      summary: { state: "settled" } as ConflictView["summary"],
      resolution: {
        taken: "picked",
        fields: { "units/0/price": 50_000, expiry: "2027-01-31" },
        canUndo: true,
      },
    });
    expect(choosing.picks).toEqual({ "units/0/price": "other", expiry: "till", supplier: "hub" });
    choosing.pickAll("hub");
    choosing.pick("hub", 0);
    expect(choosing.picks["units/0/price"]).toBe("other");
  });
});
