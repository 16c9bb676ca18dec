import { beforeEach, describe, expect, it } from "vitest";
import type { ExpiryBand } from "../../contract/ExpiryBand";
import { language } from "../../words.svelte";
import { bandName, leftText } from "./bands";

const none = { lots: 0, boxes: 0, atPrice: 0, unpriced: 0, atCost: null, uncosted: null };
const bands = [null, 30, 60].map((days): ExpiryBand => ({ days, ...none }));

describe("a band", () => {
  beforeEach(() => language.use("fr"));

  it("is called by what it holds and shares no day with another", () => {
    expect(bands.map((_, at) => bandName(bands, at))).toEqual([
      "Périmés, à retirer",
      "30 jours ou moins",
      "31 à 60 jours",
    ]);
    language.use("en");
    expect(bandName(bands, 2)).toBe("31 to 60 days");
  });

  it("says how many days a lot has left", () => {
    expect([-3, 0, 12].map(leftText)).toEqual(["périmé depuis 3\u00a0j", "dernier jour", "12 j"]);
  });
});
