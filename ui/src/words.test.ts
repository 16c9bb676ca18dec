import { beforeEach, describe, expect, it } from "vitest";
import { asProblem, bytes, language, problemText, units } from "./words.svelte";

describe("words", () => {
  beforeEach(() => language.use("fr"));

  it("say a refusal with its figures, in the language in use", () => {
    const problem = { code: "tendered_too_small", params: { total: 12500, tendered: 10000 } };
    expect(problemText(problem)).toBe("Montant reçu 10\u00a0000, il faut 12\u00a0500.");
    language.use("en");
    expect(problemText(problem)).toBe("10\u00a0000 received, 12\u00a0500 needed.");
  });

  it("count tries and minutes", () => {
    expect(problemText({ code: "pin_wrong", params: { left: 1 } })).toBe("Code refusé, encore 1 essai.");
    expect(problemText({ code: "pin_wrong", params: { left: 3 } })).toBe("Code refusé, encore 3 essais.");
  });

  it("write dates and sizes as people read them", () => {
    const expired = { code: "lot_expired", params: { lot: "C1180", expiry: "2026-10-31" } };
    expect(problemText(expired)).toContain("31/10/2026");
    expect(bytes(3_100_000)).toBe("3,1\u00a0Mo");
    expect(bytes(640)).toBe("640\u00a0o");
  });

  it("show an unknown code rather than nothing", () => {
    expect(problemText({ code: "brand_new", params: {} })).toContain("brand_new");
    expect(asProblem(new Error("boom"))).toEqual({ code: "internal", params: { detail: "boom" } });
    expect(asProblem("nonsense").code).toBe("internal");
  });

  it("say which field and why in the language in use", () => {
    const problem = { code: "field_invalid", params: { field: "expiry", why: "not a date" } };
    expect(problemText(problem)).toBe("Champ refusé\u00a0: péremption (pas une date).");
    language.use("en");
    expect(problemText(problem)).toBe("Field refused: expiry (not a date).");
    expect(problemText({ code: "field_invalid", params: { field: "unit" } })).toBe("Field refused: unit.");
  });

  it("say a conflict by its kind", () => {
    const problem = { code: "conflict", params: { kind: "edit", fields: "price, name" } };
    expect(problemText(problem)).toBe("Modifié aussi sur un autre poste\u00a0: prix, nom.");
    expect(problemText({ code: "conflict", params: { kind: "new", fields: "x" } })).toContain("x");
  });

  it("leave no hole where a figure was not given", () => {
    expect(problemText({ code: "file_unreadable", params: {} })).toBe("Fichier illisible");
    expect(problemText({ code: "internal", params: {} })).toBe("Erreur interne. Rien n’a été perdu.");
    expect(problemText({ code: "hub_refused", params: { status: 502, detail: "" } })).toBe(
      "Le serveur a refusé (502)",
    );
  });

  it("put units in the plural once", () => {
    expect(units("boîte", 1)).toBe("boîte");
    expect(units("boîte", 2)).toBe("boîtes");
    expect(units("gaz", 2)).toBe("gaz");
  });
});
