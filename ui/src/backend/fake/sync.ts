import type { DiagnosticView } from "../../contract/DiagnosticView";
import type { QueueCounts } from "../../contract/QueueCounts";
import type { QueuePage } from "../../contract/QueuePage";
import type { SyncReport } from "../../contract/SyncReport";
import type { SyncState } from "../../contract/SyncState";
import { settle } from "./sales";
import { refuse, type World } from "./world";

const STEPS = ["check", "push", "pull", "apply"];
const ENTITIES = ["setting", "user", "supplier", "product", "productBatch", "stockAdjustment", "sale"];

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
    toRegularise: world.sales.filter((sale) => sale.state === "regularised").length,
    held: world.held.length,
    revision: world.revision,
    hubRevision: world.revision,
    lastSuccess: world.lastSuccess,
    lastProblem: world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } },
    clockOffsetMs: 240,
  };
}

export async function syncNow(world: World): Promise<SyncReport> {
  const startedAt = Date.now();
  const waiting = world.queue.filter((row) => row.state === "waiting");
  for (const [index, step] of STEPS.entries()) {
    world.tell({
      kind: "syncProgress",
      progress: { step, index: index + 1, done: 0, of: waiting.length, bytes: index * 1400 },
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (!world.online) return finish(world, startedAt, 0);
  }
  for (const row of waiting) {
    const sale = world.sales.find((known) => row.label.endsWith(known.number));
    if (sale) settle(world, sale);
  }
  return finish(world, startedAt, waiting.length);
}

function finish(world: World, startedAt: number, processed: number): SyncReport {
  const problem = world.online ? null : { code: "hub_unreachable", params: { hub: world.settings.hub } };
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

export function diagnostic(world: World): DiagnosticView {
  const here = [12, 5, 4, world.products.length, 58, 21, world.sales.length];
  return {
    rows: ENTITIES.map((entity, index) => ({
      entity,
      here: here[index] ?? 0,
      hub: world.online ? (here[index] ?? 0) + (entity === "sale" ? 214 : 0) : null,
    })),
    coverage: ENTITIES.map((entity, index) => ({
      entity,
      synced: 4 + index,
      immutable: index % 3,
      derived: index % 2,
      localOnly: index === 3 ? 2 : 0,
    })),
    version: "0.1.0",
    protocol: 1,
    schema: 1,
    device: "0198c1f2-77aa-7c10-9b6e-0f3f6a1f2b10",
    series: 2,
    hub: world.settings.hub,
    epoch: 1,
    dataDir: "/home/caisse/.local/share/officine",
  };
}
