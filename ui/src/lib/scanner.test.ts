import { describe, expect, it } from "vitest";
import { Wedge, type Stroke, type Verdict } from "./scanner";

const AZERTY = "à&é\"'(-è_ç";

function stroke(key: string, at: number, extra: Partial<Stroke> = {}): Stroke {
  const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key;
  return { key, code, shift: false, ctrl: false, at, ...extra };
}

function feedAll(wedge: Wedge, keys: Stroke[]): Verdict {
  let last: Verdict = { kind: "pass" };
  for (const key of keys) last = wedge.feed(key);
  return last;
}

const typed = (text: string, gap: number, from = 0): Stroke[] =>
  [...text].map((key, index) => stroke(key, from + index * gap));

describe("the scanner", () => {
  it("is recognised by rhythm, and its Enter belongs to it", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("3400934865091", 10));
    expect(wedge.feed(stroke("Enter", 130))).toEqual({ kind: "scan", code: "3400934865091" });
  });

  it("swallows the second Enter of CR+LF, not the cashier's", () => {
    const wedge = new Wedge();
    feedAll(wedge, [...typed("3400934865091", 10), stroke("Enter", 130)]);
    expect(wedge.feed(stroke("Enter", 160)).kind).toBe("swallow");
    expect(wedge.feed(stroke("Enter", 900)).kind).toBe("pass");
  });

  it("lets a person type", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("3400934", 140));
    expect(wedge.feed(stroke("Enter", 1200)).kind).toBe("pass");
  });

  it("does not take a quick word for a code", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("amoxicilline", 20));
    expect(wedge.feed(stroke("Enter", 250)).kind).toBe("pass");
  });

  it("needs five characters", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("1234", 10));
    expect(wedge.feed(stroke("Enter", 45)).kind).toBe("pass");
  });

  it("reads digits by physical key under an AZERTY layout", () => {
    const wedge = new Wedge();
    const keys = [..."3400934865091"].map((digit, index) =>
      stroke(AZERTY[Number(digit)] ?? "", index * 10, { code: `Digit${digit}` }),
    );
    feedAll(wedge, keys);
    expect(wedge.feed(stroke("Enter", 130))).toEqual({ kind: "scan", code: "3400934865091" });
  });

  it("reads letters by physical key only when the layout differs", () => {
    const wedge = new Wedge();
    feedAll(wedge, [
      stroke("q", 0, { code: "KeyA", shift: true, key: "Q" }),
      stroke("&", 10, { code: "Digit1" }),
      ...[20, 30, 40].map((at) => stroke("é", at, { code: "Digit2" })),
    ]);
    expect(wedge.feed(stroke("Enter", 50))).toEqual({ kind: "scan", code: "A1222" });
  });

  it("keeps the group separator in any of its spellings", () => {
    for (const separator of [
      { key: "F8", code: "F8" },
      { key: "\u001d", code: "" },
      { key: "]", code: "BracketRight", ctrl: true },
    ]) {
      const wedge = new Wedge();
      feedAll(wedge, [...typed("10AB1", 10), stroke("", 50, separator), ...typed("21X", 10, 60)]);
      expect(wedge.feed(stroke("Enter", 90))).toEqual({ kind: "scan", code: "10AB1\u001d21X" });
    }
  });

  it("accepts a scanner without terminator once it is silent, and its late Enter", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("3400934865091", 10));
    expect(wedge.silence(200)).toBeNull();
    expect(wedge.silence(330)).toBe("3400934865091");
    expect(wedge.feed(stroke("Enter", 700)).kind).toBe("swallow");
  });

  it("survives a stall of a slow machine in the middle of a scan, and before its Enter", () => {
    const wedge = new Wedge();
    feedAll(wedge, [...typed("34009348", 10), ...typed("65091", 10, 220)]);
    expect(wedge.feed(stroke("Enter", 400))).toEqual({ kind: "scan", code: "3400934865091" });
  });

  it("survives it after the very first key", () => {
    const wedge = new Wedge();
    feedAll(wedge, [...typed("3", 10), ...typed("400934865091", 10, 120)]);
    expect(wedge.feed(stroke("Enter", 250))).toEqual({ kind: "scan", code: "3400934865091" });
  });

  it("forgives one stall only, so that a hand is never a scanner", () => {
    const wedge = new Wedge();
    feedAll(wedge, typed("34009348650912", 120));
    expect(wedge.length).toBeLessThan(3);
    expect(wedge.feed(stroke("Enter", 1700)).kind).toBe("pass");
    expect(wedge.silence(5000)).toBeNull();
  });

  it("starts anew after a pause, so that the field can be restored", () => {
    const wedge = new Wedge();
    expect(wedge.feed(stroke("a", 0)).kind).toBe("start");
    expect(wedge.feed(stroke("m", 300)).kind).toBe("start");
    expect(wedge.feed(stroke("1", 320)).kind).toBe("pass");
  });
});
