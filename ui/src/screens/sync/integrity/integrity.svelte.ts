import { call, onNotice } from "../../../backend";
import type { CertificateView } from "../../../contract/CertificateView";
import type { IntegrityProgress } from "../../../contract/IntegrityProgress";
import type { IntegrityReport } from "../../../contract/IntegrityReport";
import { shell } from "../../../state/shell.svelte";
import { toasts } from "../../../state/toasts.svelte";
import { asProblem, m, problemText } from "../../../words.svelte";
import { asked, type Question } from "./question";

/** « Intégrité »: what is compared, how far it is, what came of it, and the certificates. */
export class Integrity {
  question = $state<Question>({ by: "range", document: "", from: "", to: "", force: false });
  /** Why the question cannot be asked. */
  refused = $state<string | null>(null);
  running = $state(false);
  /** It was begun before this screen was opened: the screen follows it. */
  #followed = false;
  stopping = $state(false);
  progress = $state.raw<IntegrityProgress | null>(null);
  report = $state.raw<IntegrityReport | null>(null);
  certificates = $state.raw<CertificateView[]>([]);
  certifying = $state(false);
  loaded = $state(false);

  constructor(today: string) {
    this.question.from = `${today.slice(0, 8)}01`;
    this.question.to = today;
  }

  attach(): () => void {
    void this.#read();
    return onNotice((notice) => {
      if (notice.kind === "integrityProgress" && this.running) this.progress = notice.progress;
      if (notice.kind === "changed" && notice.topics.includes("sync"))
        void (this.#followed ? this.#read() : this.#readCertificates());
    });
  }

  /** The last one was stopped and can go on. */
  get resumable(): boolean {
    return !this.running && (this.report?.stopped ?? false);
  }

  /** Compares what the form asks; with `resume`, goes on where the last one was stopped. */
  async compare(resume = false): Promise<void> {
    if (this.running) return;
    const args = asked($state.snapshot(this.question), resume);
    this.refused = null;
    if (typeof args === "string") {
      this.refused = args === "document" ? m.integrity_need_document() : m.integrity_need_days();
      return;
    }
    this.running = true;
    try {
      this.report = await call("check_integrity", args);
    } catch (error) {
      this.refused = problemText(asProblem(error));
    } finally {
      this.running = this.stopping = false;
      this.progress = null;
      await shell.readSync();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await call("cancel_sync", null).catch((error: unknown) => toasts.refuse(error));
  }

  async certify(): Promise<void> {
    if (this.certifying) return;
    this.certifying = true;
    try {
      await call("certify", null);
      await Promise.all([this.#readCertificates(), shell.readSync()]);
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.certifying = false;
    }
  }

  async exportFile(): Promise<void> {
    try {
      const file = await call("export_integrity", null);
      if (file) toasts.say("ok", m.integrity_exported({ n: file.rows, path: file.path }));
    } catch (error) {
      toasts.refuse(error);
    }
  }

  async #read(): Promise<void> {
    try {
      const last = await call("last_integrity", null);
      if (this.#followed || last?.underWay) this.#follow(last?.underWay ?? false);
      this.report = last;
      await this.#readCertificates();
    } catch (error) {
      toasts.refuse(error);
    } finally {
      this.loaded = true;
    }
  }

  #follow(underWay: boolean): void {
    this.#followed = this.running = underWay;
    if (!underWay) {
      this.stopping = false;
      this.progress = null;
    }
  }

  async #readCertificates(): Promise<void> {
    this.certificates = await call("list_certificates", null).catch(() => this.certificates);
  }
}
