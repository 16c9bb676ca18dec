import { describe, expect, it } from "vitest";
import type { RepairLine } from "../../../contract/RepairLine";
import { word } from "../../../words.svelte";
import { doneText, foundText, keptText, kindsText, nextPlace, nextText, progressText } from "./words";

const KINDS = [
  ...["orphan", "name", "reference", "twin", "ledger", "link"],
  ...["stuck", "missing", "lost", "differs", "history", "hub"],
];
const ACTS = [
  ...["named", "queued", "fetched", "repointed", "merged", "recomputed"],
  ...["patched", "given", "taken", "restarted", "mended", "proposed", "left"],
];
const line = (of: Partial<RepairLine>): RepairLine => ({
  ...{ id: 1, run: 1, at: 0, kind: "orphan", entity: "supplier", uid: "u", label: "Spharma Guinée" },
  ...{ act: "queued", mended: true, params: {}, problem: null },
  ...of,
});
const plain = (text: string): string => text.replace(/\u00a0/g, " ");

describe("a finding in words", () => {
  it("has words for every kind with every act, and never a code", () => {
    for (const kind of KINDS) {
      const one = line({ kind });
      for (const text of [foundText(one), keptText(one), nextText(one)]) expect(text).toMatch(/\S \S/);
      expect(word(`repair_short_${kind}`)).not.toBeNull();
      for (const act of ACTS) expect(doneText(line({ kind, act }))).not.toBe(act);
    }
  });

  it("says the figures where they are given, and speaks in general where one is missing", () => {
    expect(foundText(line({ kind: "ledger", params: { old: 14, new: 12 } }))).toBe(
      "Quantité 14, les mouvements donnent 12",
    );
    expect(foundText(line({ kind: "ledger", params: { old: 14 } }))).not.toMatch(/14|undefined/);
    expect(foundText(line({ kind: "link", params: { field: "expiry" } }))).toBe(
      "Lien manquant\u00a0: péremption",
    );
    expect(nextText(line({ kind: "reference" }))).not.toContain("undefined");
    const counter = line({ kind: "ledger", params: { field: "lastNumber", old: 4, new: 9 } });
    expect(foundText(counter)).toBe("Compteur «\u00a0tickets\u00a0» à 4, il faut 9");
  });

  it("shows no identity to a person", () => {
    const other = "0198c1f2-77aa-7c10-9b6e-0f3f6a1f2b10";
    expect(foundText(line({ kind: "twin", params: { other } }))).toBe("Deux fiches pour la même chose");
  });

  it("tells what the reference case had, and that it leaves again", () => {
    expect(`${foundText(line({}))} → ${doneText(line({}))}`).toBe(
      "Envoyé, mais sans numéro du serveur → inconnu du serveur\u00a0: part de nouveau",
    );
  });

  it("shows an unknown kind or act as it is", () => {
    expect([foundText(line({ kind: "new" })), doneText(line({ act: "new" }))]).toEqual(["new", "new"]);
    expect(keptText(line({ kind: "new" }))).toBe("rien n’est effacé.");
  });

  it("leads where a person mends it", () => {
    const conflict = { code: "conflict_edit", params: {} };
    const mismatch = { code: "document_mismatch", params: {} };
    expect(nextPlace(line({ kind: "twin" }))).toBe("conflicts");
    expect(nextPlace(line({ kind: "differs", problem: conflict }))).toBe("conflicts");
    expect(nextPlace(line({ kind: "stuck" }))).toBe("queue");
    expect(nextPlace(line({ kind: "differs", entity: "sale", problem: mismatch }))).toBe("sales");
    expect(nextPlace(line({ kind: "ledger" }))).toBe("history");
  });
});

describe("a repair in words", () => {
  it("counts its kinds, what it found most first", () => {
    const run = { kinds: { orphan: 1, reference: 15 } } as never;
    expect(plain(kindsText(run))).toBe("lien vers rien × 15 · sans numéro du serveur × 1");
  });

  it("says how far it is, with the count once there is one", () => {
    const at = { step: "pull", index: 2, steps: 5, found: 27, mended: 0, entity: null };
    expect(plain(progressText(at))).toBe("Réparation en cours : 27 éléments, étape 2/5");
    expect(plain(progressText({ ...at, found: 0, index: 1 }))).toBe("Réparation en cours, étape 1/5");
  });
});
