import type { ExportedFile } from "../../contract/ExportedFile";
import type { ListRepairsArgs } from "../../contract/ListRepairsArgs";
import type { RepairProgress } from "../../contract/RepairProgress";
import type { RepairRun } from "../../contract/RepairRun";
import type { RepairsView } from "../../contract/RepairsView";
import { linesOf, runOf, SPHARMA } from "./repair-seeds";
import { lasting } from "./sync";
import { refuse, type World } from "./world";

const STEPS = ["detect", "pull", "match", "repair", "retry"];

export function leftToRepair(world: World): number {
  return world.repairLines.filter((line) => !line.mended).length;
}

/** The first press finds the reference case; the next ones find nothing. */
export async function repair(world: World): Promise<RepairRun> {
  if (world.repairing) refuse("sync_busy");
  const found = world.damaged ? SPHARMA : [];
  const startedAt = Date.now();
  world.stopped = false;
  let problem: RepairRun["problem"] = null;
  for (const [index, step] of STEPS.entries()) {
    const mended = Math.round((found.length * Math.max(0, index - 2)) / 2);
    const entity = found[Math.min(found.length - 1, index * 6)]?.entity ?? null;
    tell(world, { step, index: index + 1, steps: STEPS.length, found: found.length, mended, entity });
    await lasting(world, step);
    if (world.stopped) problem = { code: "sync_cancelled", params: {} };
    else if (!world.online && step === "pull")
      problem = { code: "hub_unreachable", params: { hub: world.settings.hub } };
    if (problem) break;
  }
  const id = Math.max(100, ...world.repairRuns.map((run) => run.id)) + 1;
  const run = { ...runOf(id, "manual", startedAt, problem ? [] : found), problem };
  if (!problem) world.damaged = false;
  world.repairLines.unshift(...linesOf(problem ? [] : found, id, startedAt, id * 100));
  world.repairRuns.unshift(run);
  tell(world, null);
  world.tell({ kind: "changed", topics: ["sync"] });
  return run;
}

function tell(world: World, progress: RepairProgress | null): void {
  world.repairing = progress;
  world.tell({ kind: "repairProgress", progress });
}

export function listRepairs(world: World, { left, run, kind, after, limit }: ListRepairsArgs): RepairsView {
  const lines = world.repairLines.filter(
    (line) =>
      (!left || !line.mended) &&
      (run === null || line.run === run) &&
      (kind === null || line.kind === kind) &&
      (!after || line.id < after),
  );
  return {
    running: world.repairing,
    runs: world.repairRuns,
    lines: lines.slice(0, limit),
    left: leftToRepair(world),
    next: lines.length > limit ? (lines[limit - 1]?.id ?? null) : null,
  };
}

export function exportRepairs(world: World, args: ListRepairsArgs): ExportedFile {
  const { lines } = listRepairs(world, { ...args, after: null, limit: world.repairLines.length });
  return { path: "/home/caisse/reparations.csv", rows: lines.length };
}
