import { call, onNotice } from "../../backend";
import type { ImportProgress } from "../../contract/ImportProgress";
import type { ImportReport } from "../../contract/ImportReport";
import type { Problem } from "../../contract/Problem";
import { toasts } from "../../state/toasts.svelte";
import { asProblem } from "../../words.svelte";

/** A catalogue file: checked, then imported. Changing what was checked asks for another check. */
class CatalogueImport {
  path = $state("");
  rate = $state("");
  running = $state<"check" | "import" | null>(null);
  report = $state.raw<ImportReport | null>(null);
  progress = $state.raw<ImportProgress | null>(null);
  problem = $state.raw<Problem | null>(null);

  attach(): () => void {
    return onNotice((notice) => {
      if (notice.kind === "importProgress" && this.running) this.progress = notice.progress;
    });
  }

  get ready(): boolean {
    return this.path.trim() !== "" && this.running === null;
  }

  get checked(): boolean {
    return this.report !== null && !this.report.applied;
  }

  /** Another file or another rate: what was checked no longer holds. */
  changed(): void {
    this.report = null;
    this.problem = null;
    this.progress = null;
  }

  async browse(): Promise<void> {
    try {
      const path = await call("choose_import_file", null);
      if (!path) return;
      this.path = path;
      this.changed();
    } catch (error) {
      toasts.refuse(error);
    }
  }

  check(): Promise<void> {
    return this.#work("check", () => call("check_import", this.#args));
  }

  run(): Promise<void> {
    return this.#work("import", () => call("run_import", this.#args));
  }

  async cancel(): Promise<void> {
    await call("cancel_import", null).catch((error: unknown) => toasts.refuse(error));
  }

  get #args(): { path: string; rate: string } {
    return { path: this.path.trim(), rate: this.rate.trim() };
  }

  async #work(what: "check" | "import", ask: () => Promise<ImportReport>): Promise<void> {
    this.changed();
    this.running = what;
    try {
      this.report = await ask();
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.running = null;
      this.progress = null;
    }
  }
}

/** One at a time, whatever screen is shown meanwhile. */
export const catalogueImport = new CatalogueImport();
