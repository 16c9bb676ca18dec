import type { CertificateView } from "../../contract/CertificateView";
import type { ExportedFile } from "../../contract/ExportedFile";
import type { IntegrityArgs } from "../../contract/IntegrityArgs";
import type { IntegrityReport } from "../../contract/IntegrityReport";
import type { IntegrityStep } from "../../contract/IntegrityStep";
import type { IntegrityTotals } from "../../contract/IntegrityTotals";
import { COUNTED } from "../../screens/sync/integrity/question";
import { lasting } from "./sync";
import { refuse, type World } from "./world";

const HOUR = 3_600_000;
type Row = [entity: string, total: number, synced: number, failed: number];

const RANGE: Row[] = [
  ["user", 5, 0, 0],
  ["cashSession", 38, 0, 0],
  ["customer", 164, 1, 0],
  ["supplier", 4, 0, 0],
  ["product", 1_204, 1, 0],
  ["productBatch", 1_688, 4, 1],
  ["supplierOrder", 18, 1, 0],
  ["sale", 2_318, 3, 1],
];
const DOCUMENT: Row[] = [
  ["user", 1, 0, 0],
  ["cashSession", 1, 0, 0],
  ["customer", 1, 0, 0],
  ["product", 3, 0, 0],
  ["productBatch", 3, 1, 0],
  ["sale", 1, 0, 0],
];

const step = (action: string, entity: string, label: string, problem: IntegrityStep["problem"] = null) => ({
  ...{ action, entity, uid: `${entity}-${label}`, label, ok: problem === null, problem },
});

const STEPS: IntegrityStep[] = [
  step("pull", "productBatch", "Coartem 20/120 mg, lot X2217", {
    code: "conflict_edit",
    params: { fields: "expiry" },
  }),
  step("push", "sale", "Ticket 1-011 858", { code: "document_mismatch", params: {} }),
  step("pull", "customer", "Clinique Ambroise Paré"),
  step("pull", "product", "Zinc 20 mg dispersible"),
  step("patch", "productBatch", "Lot AS6114"),
  step("patch", "productBatch", "Lot NV0387"),
  step("name", "productBatch", "Lot 7G214"),
  step("pull", "productBatch", "Lot K0931"),
  step("give", "supplierOrder", "BC-2026-097"),
  step("push", "sale", "Ticket 2-004 187"),
  step("patch", "sale", "Ticket 2-004 102, ligne 2"),
  step("patch", "sale", "Ticket 2-003 990, ligne 2"),
];

function sum(rows: Row[], part = 1): { totals: IntegrityTotals; entities: Record<string, IntegrityTotals> } {
  const entities: Record<string, IntegrityTotals> = {};
  const totals = { total: 0, synced: 0, skipped: 0, failed: 0 };
  for (const [entity, all, synced, failed] of rows) {
    const total = Math.round(all * part);
    const of = { total, synced: Math.min(synced, total), failed: part < 1 ? 0 : failed, skipped: 0 };
    of.skipped = total - of.synced - of.failed;
    entities[entity] = of;
    for (const name of COUNTED) totals[name] += of[name];
  }
  return { totals, entities };
}

/** A range is seen in ten parts; what was stopped goes on from there. */
export async function check(world: World, args: IntegrityArgs): Promise<IntegrityReport> {
  const before = args.resume && world.integrity?.stopped ? world.integrity : null;
  if (args.resume && !before) refuse("integrity_nothing_stopped");
  const asked = before ?? args;
  if (!asked.document && (!asked.from || !asked.to)) refuse("field_invalid", { field: "from" });
  if (asked.document && /999$/.test(asked.document)) refuse("document_unknown", { document: asked.document });
  const rows = asked.document ? DOCUMENT : RANGE;
  const of = asked.document ? 1 : 2_318;
  const now = Date.now();
  world.stopped = false;
  let done = before?.done ?? 0;
  let problem: IntegrityReport["problem"] = world.online
    ? null
    : { code: "hub_unreachable", params: { hub: world.settings.hub } };
  while (!problem && done < of) {
    done = Math.min(of, done + Math.ceil(of / 10));
    const { totals } = sum(rows, done / of);
    const label = asked.document ?? `Ticket 1-${11_000 + done}`;
    world.tell({ kind: "integrityProgress", progress: { done, of, totals, label } });
    await lasting(world, done > of / 2 ? "integrity" : "begun", 80);
    if (world.stopped) problem = { code: "sync_cancelled", params: {} };
  }
  const stopped = done < of;
  world.integrity = {
    ...{ id: before?.id ?? (world.integrity?.id ?? 6) + 1, startedAt: before?.startedAt ?? now },
    durationMs: (before?.durationMs ?? 0) + Date.now() - now + 900,
    ...{ document: asked.document, from: asked.from, to: asked.to, done, of, ...sum(rows, done / of) },
    steps: problem
      ? (before?.steps ?? [])
      : asked.document
        ? [step("patch", "productBatch", "Lot AS6114")]
        : STEPS,
    ...{ stopped, problem, underWay: false },
  };
  world.tell({ kind: "changed", topics: ["sync"] });
  return world.integrity;
}

export function exportReport(world: World): ExportedFile {
  return { path: "/home/caisse/integrite.csv", rows: world.integrity?.steps.length ?? 0 };
}

/** A differing till says what; a silent hub says nothing. */
export async function certify(world: World): Promise<CertificateView> {
  await lasting(world, "certify");
  const one = certificate(world, Date.now(), "manual", world.differing ?? []);
  if (!world.online) {
    one.problem = { code: "hub_unreachable", params: { hub: world.settings.hub } };
    Object.assign(one, { equal: false, rows: 0, rowsRead: 0, bytes: 0, seal: "" });
  }
  world.certificates.unshift(one);
  world.tell({ kind: "changed", topics: ["sync"] });
  return one;
}

function certificate(world: World, at: number, trigger: string, differing: string[]): CertificateView {
  const pending = world.queue.filter((row) => row.state === "waiting").length;
  return {
    ...{ at, trigger, equal: differing.length === 0, revision: world.revision, epoch: 1, pending },
    ...{
      rows: 1_004_318,
      rowsRead: 1_310,
      bytes: 12_288,
      durationMs: 1_900,
      differing,
      seal: "9f3a71c4d208be15",
    },
    problem: null,
  };
}

/** Those of the last nights: one differed. */
export function nights(world: World): CertificateView[] {
  return [0, 1, 2, 3, 4, 5, 6].map((ago) => {
    const night = new Date();
    night.setHours(2, 0, 0, 0);
    const at = night.getTime() - (ago + (night.getTime() > Date.now() ? 1 : 0)) * 24 * HOUR;
    const one = certificate(world, at, "night", ago === 3 ? ["productBatch"] : []);
    return { ...one, pending: 0, revision: world.revision - 21 - ago * 1_402 };
  });
}
