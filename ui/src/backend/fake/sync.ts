import type { DiagnosticView } from "../../contract/DiagnosticView";
import type { ExportedFile } from "../../contract/ExportedFile";
import type { ExportQueueArgs } from "../../contract/ExportQueueArgs";
import type { Operations } from "../../contract/Operations";
import type { Problem } from "../../contract/Problem";
import type { QueueCounts } from "../../contract/QueueCounts";
import type { QueuePage } from "../../contract/QueuePage";
import type { ActivityHour } from "../../contract/ActivityHour";
import type { SyncActivity } from "../../contract/SyncActivity";
import type { SyncReport } from "../../contract/SyncReport";
import type { SyncState } from "../../contract/SyncState";
import { openConflicts } from "./conflicts";
import { leftToRepair } from "./repairs";
import { settle } from "./sales";
import { refuse, type World } from "./world";

const HOUR = 3_600_000;
/** What a pharmacy holds, in the order of its references. */
const HELD: [string, number][] = [
  ["setting", 12],
  ["user", 5],
  ["supplier", 4],
  ["product", 0],
  ["customer", 63],
  ["productSupplier", 212],
  ["supplierOrder", 18],
  ["supplierOrderItem", 240],
  ["productBatch", 58],
  ["cashSession", 41],
  ["sale", 0],
  ["saleReturn", 7],
  ["stockAdjustment", 21],
  ["creditPayment", 16],
  ["expense", 33],
  ["supplierReturn", 2],
  ["stocktake", 3],
  ["recall", 1],
  ["requestedProduct", 9],
];

function counts(world: World): QueueCounts {
  const of = (state: string) => world.queue.filter((row) => row.state === state).length;
  return {
    waiting: of("waiting"),
    sent: of("sent"),
    deferred: of("deferred"),
    blocked: of("blocked"),
    rejected: of("rejected"),
    settledToday: of("settled"),
  };
}

export function syncState(world: World): SyncState {
  return {
    network: world.online ? "good" : "offline",
    roundTripMs: world.online ? 184 : null,
    running: null,
    queue: counts(world),
    toRegularise: world.sales.filter((sale) => sale.state === "reversed" && !sale.settled).length,
    toRepair: leftToRepair(world),
    ...(world.repairing ? { repair: world.repairing } : {}),
    ...(world.identity.state === "known" ? {} : { identity: world.identity }),
    ...(world.certificates[0] ? { certificate: world.certificates[0] } : {}),
    held: world.held.length,
    revision: world.revision,
    hubRevision: world.revision,
    lastSuccess: world.lastSuccess,
    lastProblem: world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } },
    lastRun: world.runs[0] ?? null,
    conflicts: openConflicts(world),
    clockOffsetMs: 240,
  };
}

/** A run, or with `walk` everything the hub has again. */
export async function syncNow(world: World, down: "pull" | "walk" = "pull"): Promise<SyncReport> {
  const startedAt = Date.now();
  world.stopped = false;
  const waiting = world.queue.filter((row) => row.state === "waiting");
  for (const [index, step] of ["check", "push", down, "apply"].entries()) {
    const rows =
      step === "walk" ? { done: 84_210, of: 161_500, leftMs: 41_000 } : { done: 0, of: waiting.length };
    world.tell({ kind: "syncProgress", progress: { step, index: index + 1, bytes: index * 1400, ...rows } });
    await lasting(world, step);
    if (world.stopped) return finish(world, startedAt, 0, { code: "sync_cancelled", params: {} });
    if (!world.online) return finish(world, startedAt, 0);
  }
  for (const row of waiting) {
    const sale = world.sales.find((known) => row.label.endsWith(known.number));
    if (sale) settle(world, sale);
  }
  return finish(world, startedAt, waiting.length);
}

/** A step takes a moment; the one that a test holds lasts until the run is stopped. */
export async function lasting(world: World, step: string, moment = 250): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, moment));
  while (step === world.holdAt && !world.stopped);
}

function finish(world: World, startedAt: number, processed: number, stopped?: Problem): SyncReport {
  const silent = world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } };
  const problem = stopped ?? silent;
  const report: SyncReport = {
    processed,
    accepted: processed,
    duplicate: 0,
    rejected: 0,
    conflict: 0,
    deferred: 0,
    blocked: 0,
    pulled: problem ? 0 : 4,
    bytesUp: 900 * processed,
    bytesDown: problem ? 0 : 5200,
    durationMs: Date.now() - startedAt,
    revision: world.revision,
    problem,
  };
  world.runs.unshift({ startedAt, trigger: "manual", report });
  if (!problem) world.lastSuccess = Date.now();
  world.tell({ kind: "changed", topics: ["sync", "sales"] });
  return report;
}

export function listQueue(world: World, state: string | null, limit: number): QueuePage {
  const rows = world.queue.filter((row) => (state ? row.state === state : row.state !== "settled"));
  return { rows: rows.slice(0, limit), counts: counts(world) };
}

export function retry(world: World, seq: number): null {
  const row = world.queue.find((queued) => queued.seq === seq) ?? refuse("field_invalid", { field: "seq" });
  Object.assign(row, { state: "waiting", problem: null, nextAttempt: null });
  world.tell({ kind: "changed", topics: ["sync"] });
  return null;
}

export function retryAll(world: World): Operations {
  const held = world.queue.filter((row) => row.state === "deferred" || row.state === "blocked");
  for (const row of held) Object.assign(row, { state: "waiting", problem: null, nextAttempt: null });
  world.tell({ kind: "changed", topics: ["sync"] });
  return { count: held.length };
}

export function clear(world: World): Operations {
  const left = world.queue.filter((row) => row.state !== "settled" && row.state !== "rejected");
  const count = world.queue.length - left.length;
  world.queue.splice(0, world.queue.length, ...left);
  world.tell({ kind: "changed", topics: ["sync"] });
  return { count };
}

export function exportQueue(world: World, args: ExportQueueArgs): ExportedFile {
  const { rows } = listQueue(world, args.state, world.queue.length);
  return { path: `/home/caisse/file-attente.${args.json ? "json" : "csv"}`, rows: rows.length };
}

export function diagnostic(world: World): DiagnosticView {
  const counted: Record<string, number> = { product: world.products.length, sale: world.sales.length };
  const rows = HELD.map(([entity, usual]) => {
    const here = counted[entity] ?? usual;
    const waiting = world.queue.filter(
      (row) => row.entity === entity && row.action === "create" && row.state !== "settled",
    ).length;
    return {
      entity,
      here,
      hub: world.online ? here - waiting - (world.missing?.[entity] ?? 0) : null,
      waiting,
    };
  });
  return {
    rows,
    coverage: HELD.map(([entity], index) => ({
      entity,
      synced: 4 + index,
      immutable: index % 3,
      derived: index % 2,
      localOnly: index === 3 ? 2 : 0,
    })),
    undeclared: [],
    missing: [],
    version: "0.1.0",
    protocol: 1,
    schema: 2,
    hubStanding: world.online
      ? { version: "0.1.0", oldestProtocol: 1, protocol: 1, schema: 2, revision: world.revision }
      : null,
    hubProblem: world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } },
    network: world.online ? "good" : "offline",
    roundTripMs: world.online ? 184 : null,
    clockOffsetMs: 240,
    revision: world.revision,
    device: "0198c1f2-77aa-7c10-9b6e-0f3f6a1f2b10",
    incarnation: "0198c1f2",
    series: 2,
    hub: world.settings.hub,
    epoch: 1,
    dataDir: "/home/caisse/.local/share/officine",
    logFile: "/home/caisse/.local/share/officine/officine.log",
  };
}

const NONE: ActivityHour = {
  from: 0,
  runs: 0,
  failed: 0,
  up: 0,
  down: 0,
  refused: 0,
  bytesUp: 0,
  bytesDown: 0,
};

/** The last 24 hours of the runs there are. */
export function activity(world: World): SyncActivity {
  const first = (Math.floor(Date.now() / HOUR) - 23) * HOUR;
  const hours = Array.from({ length: 24 }, (_, index) => ({ ...NONE, from: first + index * HOUR }));
  const total = { ...NONE, from: first };
  const runs = world.runs.filter((run) => run.startedAt >= first);
  for (const { startedAt, report } of runs) {
    const hour = hours[Math.floor((startedAt - first) / HOUR)];
    for (const sum of hour ? [hour, total] : []) {
      sum.runs += 1;
      sum.failed += report.problem ? 1 : 0;
      sum.up += report.processed;
      sum.down += report.pulled;
      sum.refused += report.rejected + report.conflict;
      sum.bytesUp += report.bytesUp;
      sum.bytesDown += report.bytesDown;
    }
  }
  const durations = runs.map((run) => run.report.durationMs).sort((a, b) => a - b);
  const well = runs.filter((run) => !run.report.problem).map((run) => run.report.durationMs);
  well.sort((a, b) => a - b);
  return {
    hours,
    total,
    medianMs: well[Math.floor(well.length / 2)] ?? null,
    longestMs: durations.at(-1) ?? null,
  };
}
