import { describe, expect, it } from "vitest";
import type { QueueRow } from "../../contract/QueueRow";
import { nextStep } from "./next";

const NOW = 1_000_000;
const row = (of: Partial<QueueRow>): QueueRow => ({
  seq: 1,
  entity: "product",
  action: "update",
  label: "",
  amount: null,
  occurredAt: 0,
  state: "waiting",
  attempts: 0,
  nextAttempt: null,
  problem: null,
  ...of,
});
const next = (of: Partial<QueueRow>, offline = false) =>
  nextStep(row(of), NOW, offline).replace(/\u00a0/g, " ");

describe("the next step of an operation", () => {
  it("is when it leaves, if nothing keeps it", () => {
    expect(next({})).toBe("maintenant");
    expect(next({ nextAttempt: NOW + 2_500 })).toBe("dans 3 s");
    expect(next({ state: "deferred", nextAttempt: NOW + 600_000 })).toBe("dans 10 min");
    expect(next({ nextAttempt: NOW - 1 })).toBe("maintenant");
  });

  it("is the network's where there is none", () => {
    expect(next({}, true)).toBe("au retour du réseau");
    expect(next({ state: "sent" }, true)).toBe("renvoyée au retour du réseau");
  });

  it("is a person's where it is kept, by what keeps it", () => {
    const kept = (code: string) => next({ state: "blocked", problem: { code, params: {} } });
    const said = [kept("reference_missing"), kept("conflict"), kept("document_mismatch")];
    expect(new Set(said).size).toBe(3);
    expect(next({ state: "rejected" })).not.toBe(next({ state: "rejected", entity: "sale" }));
  });
});
