import { describe, expect, it } from "vitest";
import type { DiagnosticView } from "../../contract/DiagnosticView";
import { asText, difference, facts } from "./diagnostic";

const row = (here: number, hub: number | null, waiting = 0) => ({ entity: "sale", here, hub, waiting });

const view: DiagnosticView = {
  rows: [row(12, 10, 1), { entity: "product", here: 48, hub: 48, waiting: 0 }],
  coverage: [{ entity: "sale", synced: 4, immutable: 2, derived: 1, localOnly: 0 }],
  undeclared: ["sale.colour"],
  missing: [],
  version: "0.1.0",
  protocol: 1,
  schema: 2,
  hubStanding: { version: "0.2.0", oldestProtocol: 1, protocol: 2, schema: 3, revision: 48_211 },
  hubProblem: null,
  network: "good",
  roundTripMs: 184,
  clockOffsetMs: -1_240,
  revision: 48_211,
  device: "0198c1f2-77aa-7c10-9b6e-0f3f6a1f2b10",
  incarnation: "0198c1f2",
  series: 2,
  hub: "https://hub.example",
  epoch: 1,
  dataDir: "/data",
  logFile: "/data/officine.log",
};

describe("rows here and at the hub", () => {
  it("differ without alarm where something waits to go up or to be read", () => {
    expect(difference(row(12, 10, 2), false)).toEqual({ n: 2, kind: "wait" });
    expect(difference(row(8, 10), true)).toEqual({ n: -2, kind: "wait" });
  });

  it("differ with one where nothing explains it", () => {
    expect(difference(row(12, 10, 1), false)).toEqual({ n: 2, kind: "warn" });
    expect(difference(row(8, 10, 5), false)).toEqual({ n: -2, kind: "warn" });
  });

  it("are equal, or not known", () => {
    expect(difference(row(10, 10, 3), false)).toEqual({ n: 0, kind: "ok" });
    expect(difference(row(10, null), false)).toBeNull();
  });
});

describe("what is copied for whoever helps", () => {
  const plain = (text: string) => text.replace(/\u00a0/g, " ");

  it("names both versions, the offset of the clock and every difference", () => {
    const text = plain(asText(view));
    expect(text).toContain("0.1.0 ici, 0.2.0 au serveur");
    expect(text).toContain("1 ici, 1–2 au serveur");
    expect(text).toContain("−1,2 s");
    expect(text).toContain("Ventes\t12\t10\t+2 !");
    expect(text).toContain("Produits\t48\t48\n");
    expect(text).toContain("! sale.colour");
  });

  it("says only this side while the hub does not answer", () => {
    const alone = { ...view, hubStanding: null, roundTripMs: null, clockOffsetMs: null };
    const said = new Map(facts(alone));
    expect(said.get("Version")).toBe("0.1.0");
    expect(said.get("Écart d’horloge")).toBe("pas encore mesuré");
  });
});
