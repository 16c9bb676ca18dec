import { describe, expect, it } from "vitest";
import type { ToSettleView } from "../../contract/ToSettleView";
import { moneyBack, recounted } from "./settle-words";

const line = (name: string, short: number) => ({
  line: 1,
  name,
  unit: "boîte",
  count: 2,
  quantity: 2,
  available: 0,
  short,
});
const ticket = (lines: ReturnType<typeof line>[]) => ({ lines }) as ToSettleView;

describe("what a decision does", () => {
  it("names every sum that goes back, by its means", () => {
    const back = moneyBack([
      { means: "cash", amount: 280_000, reference: null },
      { means: "orangeMoney", amount: 20_000, reference: "MP1" },
      { means: "credit", amount: 0, reference: null },
    ]);
    expect(back.replace(/\u00a0/g, " ")).toBe("280 000 GNF en espèces + 20 000 GNF par Orange Money");
    expect(moneyBack([])).toBe("rien");
  });

  it("names the products to recount: those that lack, each once", () => {
    expect(recounted(ticket([line("Insuline", 2), line("Zinc", 0), line("Insuline", 1)]))).toBe("Insuline");
    expect(recounted(ticket([line("Insuline", 0), line("Zinc", 0)]))).toBe("Insuline, Zinc");
  });
});
