import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConflictView } from "../../../contract/ConflictView";
import type { MergeArgs } from "../../../contract/MergeArgs";
import type { MergePreview } from "../../../contract/MergePreview";
import { language } from "../../../words.svelte";
import { Joining } from "./joining.svelte";
import { keepsText, movesText, nextText, sumText } from "./joining-words";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../../../backend", () => ({ call: asked }));

const conflict = (hub: unknown): ConflictView =>
  ({ summary: { uid: "c", row: "new", label: "Doliprane 1 g" }, fields: [{ hub }] }) as ConflictView;

const side = (uid: string, stock: number | null = null) => ({
  ...{ uid, label: uid.toUpperCase(), createdAt: 0, archived: false, stock },
});
const preview = (more: Partial<MergePreview> = {}): MergePreview => ({
  ...{ entity: "product", winner: side("old", 7), loser: side("new", 2), moves: [], stock: 9, problem: null },
  ...more,
});

describe("making one of twins", () => {
  beforeEach(() => {
    language.use("fr");
    asked.mockReset();
    asked.mockImplementation((_: string, { winner, loser }: MergeArgs) =>
      winner === "gone" || loser === "gone"
        ? Promise.reject({ code: "field_invalid", params: { field: "winner" } })
        : Promise.resolve(preview({ winner: side(winner), loser: side(loser) })),
    );
  });

  it("has nothing to send until one is kept and what would move was shown", async () => {
    const joining = await Joining.of(conflict(["old"]));
    expect([joining.paired, joining.kept, joining.ready]).toEqual([true, null, null]);
    joining.point(0);
    expect(joining.ready).toBeNull();
    await vi.waitFor(() => expect(joining.ready).toEqual({ uid: "c", winner: "new", loser: "old" }));
    joining.turn(1);
    expect(joining.ready).toBeNull();
    await vi.waitFor(() => expect(joining.ready).toEqual({ uid: "c", winner: "old", loser: "new" }));
  });

  it("asks first which of several it is, and comes back to that", async () => {
    const joining = await Joining.of(conflict(["old", "older"]));
    expect(joining.paired).toBe(false);
    joining.turn(1);
    joining.paired = true;
    joining.point(1);
    expect(joining.kept).toBe("older");
    expect(joining.back()).toBe(true);
    expect([joining.paired, joining.kept]).toEqual([false, null]);
    expect(joining.back()).toBe(false);
  });

  it("leaves out what is that row already, and says why where nothing is left", async () => {
    const joining = await Joining.of(conflict(["gone", "old"]));
    expect(joining.candidates.map(({ winner }) => winner.uid)).toEqual(["old"]);
    expect(joining.back()).toBe(false);
    await expect(Joining.of(conflict(["gone"]))).rejects.toMatchObject({ code: "field_invalid" });
  });

  it("sends nothing against which something stands", async () => {
    asked.mockResolvedValue(preview({ problem: { code: "units_differ", params: {} } }));
    const joining = await Joining.of(conflict(["old"]));
    joining.point(0);
    await vi.waitFor(() => expect(joining.preview).not.toBeNull());
    expect(joining.ready).toBeNull();
  });
});

describe("the words of what moves", () => {
  beforeEach(() => language.use("fr"));

  it("counts lines of tickets of a product, tickets of a customer, and adds up the boxes", () => {
    const moves = [
      { entity: "productBatch", count: 3 },
      { entity: "sale", count: 12 },
      { entity: "supplierOrder", count: 1 },
    ];
    expect(movesText(preview({ moves }))).toBe(
      "3 lots, 12 lignes de tickets et 1 commande passeront à «\u00a0OLD\u00a0».",
    );
    expect(movesText(preview({ entity: "customer", moves: [{ entity: "sale", count: 1 }] }))).toBe(
      "1 ticket passera à «\u00a0OLD\u00a0».",
    );
    expect(movesText(preview())).toBe("Rien ne nomme «\u00a0NEW\u00a0».");
    expect(sumText(preview())).toBe("7 + 2 = 9");
    expect(sumText(preview({ stock: null }))).toBeNull();
  });

  it("says what is kept by what it is, and what to do first by what stands against it", () => {
    expect(keepsText(preview())).toContain("chaque boîte");
    expect(keepsText(preview({ entity: "customer" }))).toContain("l’emporte");
    expect(nextText({ code: "row_archived", params: {} })).toContain("Garder l’autre fiche");
    language.use("en");
    expect(movesText(preview({ moves: [{ entity: "stranger", count: 4 }] }))).toContain("4 × Stranger");
  });
});
