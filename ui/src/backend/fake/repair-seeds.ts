import type { RepairLine } from "../../contract/RepairLine";
import type { RepairRun } from "../../contract/RepairRun";

const MINUTE = 60_000;
type Found = Omit<RepairLine, "id" | "run" | "at" | "uid">;

const mended = (
  kind: string,
  act: string,
  entity: string,
  label: string,
  params: RepairLine["params"] = {},
): Found => ({ kind, act, entity, label, mended: true, params, problem: null });

const left = (
  kind: string,
  entity: string,
  label: string,
  params: RepairLine["params"],
  problem: RepairLine["problem"],
): Found => ({ kind, act: "left", entity, label, mended: false, params, problem });

/** The reference case: a supplier without the hub's name, and all that hangs on it. */
export const SPHARMA: Found[] = [
  mended("orphan", "queued", "supplier", "Spharma Guinée"),
  ...[98, 101, 104, 106, 109, 110, 112].map((n) =>
    mended("reference", "repointed", "supplierOrder", `BC-2026-${n}`, { missing: "Spharma Guinée" }),
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
    mended("reference", "repointed", "supplierOrderItem", `BC-2026-112, ligne ${n}`, {
      missing: "BC-2026-112",
    }),
  ),
  ...[
    "AS6114",
    "NV0387",
    "X2217",
    "7G214",
    "C1180",
    "K0931",
    "B7702",
    "M5519",
    "T4410",
    "Z8008",
    "P1212",
  ].map((lot) => mended("link", "patched", "productBatch", `Lot ${lot}`, { field: "order" })),
];

const PAST: [string, number, Found[]][] = [
  [
    "night",
    820,
    [
      mended("ledger", "recomputed", "productBatch", "Coartem 20/120 mg, lot X2217", { old: 14, new: 12 }),
      mended("missing", "fetched", "customer", "Clinique Ambroise Paré"),
      mended("lost", "given", "sale", "Ticket 2-004 187"),
      mended("differs", "taken", "product", "Furosémide 40 mg comprimé, boîte de 30", { field: "minStock" }),
    ],
  ],
  [
    "answer",
    1_310,
    [
      mended("name", "named", "product", "Zinc 20 mg dispersible", { old: "41 220", new: "41 207" }),
      left("twin", "customer", "Mariama Kaba", { other: "Mariama Kaba Diallo" }, null),
    ],
  ],
  [
    "start",
    2_900,
    [
      mended("stuck", "restarted", "sale", "Ticket 2-004 102", { held: 6 }),
      mended("twin", "merged", "supplier", "Laborex"),
      mended("history", "given", "supplierOrder", "BC-2026-097"),
    ],
  ],
  [
    "links",
    4_400,
    [
      mended("link", "patched", "sale", "Ticket 2-003 990, ligne 2", { field: "batch" }),
      left(
        "reference",
        "creditPayment",
        "Paiement de 150 000 GNF du 26/11",
        { missing: "Ousmane Sylla" },
        { code: "reference_missing", params: { entity: "customer" } },
      ),
    ],
  ],
];

/** Repairs of the last days: runs, newest first, and what each found. */
export function pastRepairs(): { runs: RepairRun[]; lines: RepairLine[] } {
  const runs: RepairRun[] = [];
  const lines: RepairLine[] = [];
  PAST.forEach(([trigger, ago, found], index) => {
    const id = PAST.length - index;
    const startedAt = Date.now() - ago * MINUTE;
    runs.push(runOf(id, trigger, startedAt, found));
    lines.push(...linesOf(found, id, startedAt, (id + 1) * 100));
  });
  runs.splice(2, 0, runOf(90, "night", Date.now() - 2_260 * MINUTE, []));
  return { runs, lines };
}

export function runOf(id: number, trigger: string, startedAt: number, found: Found[]): RepairRun {
  const kinds: Record<string, number> = {};
  for (const { kind } of found) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const well = found.filter((line) => line.mended).length;
  return {
    ...{ id, startedAt, trigger, found: found.length, mended: well, left: found.length - well, kinds },
    ...{ rowsRead: 40 + found.length * 3, bytes: found.length * 1_500, durationMs: 240 + found.length * 110 },
    problem: null,
  };
}

/** `last` is the number of the newest. */
export function linesOf(found: Found[], run: number, at: number, last: number): RepairLine[] {
  return found.map((line, index) => ({
    ...{ id: last - index, run, at: at + 200, uid: `${line.entity}-r${last - index}` },
    ...line,
  }));
}
