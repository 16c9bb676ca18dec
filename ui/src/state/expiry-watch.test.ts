import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ExpirySummary } from "../contract/ExpirySummary";
import type { Notice } from "../contract/Notice";

const engine = vi.hoisted(() => ({
  summary: { due: 0, news: [] } as ExpirySummary,
  told: [] as unknown[],
  hear: (() => {}) as (notice: Notice) => void,
}));

vi.mock("../backend", () => ({
  call: (name: string, args: unknown) => {
    if (name === "tell_expiries") engine.told.push(args);
    return Promise.resolve(name === "expiry_summary" ? engine.summary : null);
  },
  onNotice: (hear: (notice: Notice) => void) => {
    engine.hear = hear;
    return () => {};
  },
  whenSignedOut: () => {},
}));

const { expiryWatch, newsText } = await import("./expiry-watch.svelte");
const news = [
  { days: null, lots: 1, atPrice: 80_000 },
  { days: 30, lots: 3, atPrice: 412_000 },
];

describe("the word to the desktop", () => {
  beforeEach(() => {
    engine.told = [];
    engine.summary = { due: 4, news };
  });

  it("says how many lots and how much money", () => {
    expect(news.map((entered) => newsText(entered).replace(/\u00a0/g, " "))).toEqual([
      "1 lot est périmé, 80 000 GNF",
      "3 lots périment dans 30 jours, 412 000 GNF",
    ]);
  });

  it("waits until no sale is being paid, then is said once", async () => {
    const paid = expiryWatch.hold();
    await expiryWatch.read();
    expect(engine.told).toEqual([]);
    expect(expiryWatch.summary?.due).toBe(4);
    paid();
    await vi.waitFor(() => expect(engine.told).toHaveLength(1));
    engine.summary = { due: 4, news: [] };
    await expiryWatch.read();
    expect(engine.told).toHaveLength(1);
  });

  it("follows a change of stock or of day, many at once as one", async () => {
    vi.useFakeTimers();
    const stop = expiryWatch.attach();
    await vi.runAllTimersAsync();
    engine.summary = { due: 9, news: [] };
    for (let times = 0; times < 5; times += 1) engine.hear({ kind: "changed", topics: ["cart", "stock"] });
    await vi.runAllTimersAsync();
    expect(expiryWatch.summary?.due).toBe(9);
    stop();
    vi.useRealTimers();
  });
});
