import { call } from "../../backend";
import type { BackupFile } from "../../contract/BackupFile";
import type { BackupSettings } from "../../contract/BackupSettings";
import type { BackupsView } from "../../contract/BackupsView";
import type { Problem } from "../../contract/Problem";
import { shell } from "../../state/shell.svelte";
import { toasts } from "../../state/toasts.svelte";
import { asProblem, m } from "../../words.svelte";

/** What is put back: a backup of the list, or a file from elsewhere. */
export type Chosen = Pick<BackupFile, "path"> & Partial<BackupFile>;

/** « Sauvegarde ». */
export class Backups {
  view = $state.raw<BackupsView | null>(null);
  /** Since when one is being made. */
  since = $state<number | null>(null);
  chosen = $state.raw<Chosen | null>(null);
  /** Why nothing can be shown or nothing was made. */
  problem = $state.raw<Problem | null>(null);
  pointed = $state(0);

  async read(): Promise<void> {
    try {
      this.view = await call("backups", null);
      this.problem = this.view.problem;
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  get pointedFile(): BackupFile | null {
    return this.view?.files[this.pointed] ?? null;
  }

  move(step: number): void {
    const last = (this.view?.files.length ?? 0) - 1;
    this.pointed = Math.max(0, Math.min(last, this.pointed + step));
  }

  async make(): Promise<void> {
    if (this.since !== null) return;
    this.since = Date.now();
    this.problem = null;
    try {
      this.view = await call("back_up", null);
      this.problem = this.view.problem;
      this.pointed = 0;
      if (!this.problem) toasts.say("ok", m.backup_made());
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.since = null;
    }
  }

  async set(change: Partial<BackupSettings>): Promise<void> {
    if (!this.view) return;
    try {
      this.view = await call("set_backups", { ...this.view.settings, ...change });
      this.problem = this.view.problem;
      this.pointed = 0;
      toasts.say("ok", m.backup_saved());
    } catch (error) {
      toasts.refuse(error);
    }
  }

  async chooseFolder(): Promise<void> {
    const folder = await call("choose_backup_folder", null).catch(() => null);
    if (folder) await this.set({ folder });
  }

  async chooseFile(): Promise<void> {
    const path = await call("choose_backup_file", null).catch(() => null);
    if (path) this.chosen = this.view?.files.find((file) => file.path === path) ?? { path };
  }

  /** Puts a backup back; whoever was signed in signs in again. Rejects where it was refused. */
  async restore(): Promise<void> {
    if (!this.chosen) return;
    await call("restore_backup", { path: this.chosen.path });
    toasts.say("ok", m.restore_done());
    await shell.restart();
  }
}
