import type { BackupFile } from "../../contract/BackupFile";
import type { BackupSettings } from "../../contract/BackupSettings";
import type { BackupsView } from "../../contract/BackupsView";
import type { SalvageReport } from "../../contract/SalvageReport";
import { signOut } from "./people";
import { DAY, refuse, type World } from "./world";

const BESIDE = "/home/caisse/.local/share/officine/backups";
const STICK = "/media/usb/SAUVE-B";

function file(world: World, at: number, ago: number): BackupFile {
  const date = new Date(at);
  const pad = (n: number): string => String(n).padStart(2, "0");
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join("-");
  const name = `officine-caisse2-${day}-${pad(date.getHours())}${pad(date.getMinutes())}.db`;
  return {
    path: `${world.backups.settings.folder ?? BESIDE}/${name}`,
    ...{ at, bytes: 96_400_000 - ago * 412_000, tickets: 4_313 - ago * 96, revision: 48_190 - ago * 1_402 },
    ...{ verified: true, problem: null },
  };
}

export function someBackups(world: World): BackupsView {
  const now = Date.now();
  const files = [0, 1, 2, 3, 4, 5, 6].map((ago) => file(world, now - 3 * 3_600_000 - ago * DAY, ago));
  const bad = files[4];
  if (bad)
    Object.assign(bad, {
      verified: false,
      problem: { code: "backup_damaged", params: { detail: "page 4 112", path: bad.path } },
    });
  return {
    settings: { folder: null, automatic: true, keep: 14 },
    files,
    last: files[0]?.at ?? null,
    problem: null,
    sticks: [STICK],
  };
}

export function set(world: World, settings: BackupSettings): BackupsView {
  if (settings.keep < 1 || settings.keep > 90) refuse("field_invalid", { field: "keep" });
  world.backups.settings = settings;
  return world.backups;
}

export async function backUp(world: World): Promise<BackupsView> {
  await new Promise((go) => setTimeout(go, world.backupTakes ?? 400));
  if (world.backupFails) {
    world.backups.problem = { code: "backup_disk_full", params: { path: BESIDE } };
    return world.backups;
  }
  const made = file(world, Date.now(), 0);
  world.backups = { ...world.backups, files: [made, ...world.backups.files], last: made.at, problem: null };
  return world.backups;
}

/** The file of that day comes back, with what was not sent; whoever was here signs in again. */
export async function restore(world: World, path: string): Promise<null> {
  await new Promise((go) => setTimeout(go, 400));
  const known = world.backups.files.find((one) => one.path === path);
  if (known?.problem) throw known.problem;
  world.restored = path;
  signOut(world);
  world.tell({ kind: "changed", topics: ["people", "sync"] });
  return null;
}

export async function salvage(world: World): Promise<SalvageReport> {
  await new Promise((go) => setTimeout(go, 400));
  if (world.salvageFails) refuse("disk_full");
  world.startProblem = null;
  if (world.session) signOut(world);
  const kept = "/home/caisse/.local/share/officine/officine.damaged-20261120-1542.db";
  return { tickets: 7, others: 3, carts: 1, lost: world.salvageLoses ?? 0, kept, readsAgain: true };
}
