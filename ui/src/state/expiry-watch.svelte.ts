import { call, onNotice } from "../backend";
import type { ExpiryNews } from "../contract/ExpiryNews";
import type { ExpirySummary } from "../contract/ExpirySummary";
import { figures } from "../lib/amount";
import { m } from "../words.svelte";
import { shell } from "./shell.svelte";
import { toasts } from "./toasts.svelte";

/** After a sale nobody waits for the badge: many changes are counted once. */
const PAUSE = 1_000;

/** `3 lots périment dans 30 jours, 412 000 GNF`. */
export function newsText({ days, lots, atPrice }: ExpiryNews): string {
  const amount = figures(atPrice);
  return days === null
    ? m.expiry_news_expired({ n: lots, amount })
    : m.expiry_news_soon({ n: lots, days, amount });
}

/** The badge of Périmés, and the word to the desktop once a day: the engine counts, the window words. */
class ExpiryWatch {
  summary = $state.raw<ExpirySummary | null>(null);
  #held = 0;
  #telling = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Reads now and whenever stock, settings or the day change. */
  attach(): () => void {
    void this.read();
    return onNotice((notice) => {
      if (notice.kind !== "changed" || this.#timer) return;
      if (!notice.topics.some((topic) => topic === "stock" || topic === "settings")) return;
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.read();
      }, PAUSE);
    });
  }

  /** Nothing is told until what this returns is called: a sale is being paid. */
  hold(): () => void {
    this.#held += 1;
    return () => {
      this.#held -= 1;
      void this.#tell();
    };
  }

  async read(): Promise<void> {
    this.summary = await call("expiry_summary", null).catch(() => this.summary);
    await this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#telling || !this.summary?.news.length) return;
    this.#telling = true;
    try {
      if (!shell.settings) await shell.refresh();
      if (this.#held > 0) return;
      const lines = this.summary.news.map(newsText);
      await call("tell_expiries", { title: m.expiry_news_title(), body: lines.join("\n") });
      if (shell.session) toasts.say("warn", lines.slice(0, 2).join(" · "));
      this.summary = { ...this.summary, news: [] };
    } catch {
      // What could not be told now is told after the next reading.
    } finally {
      this.#telling = false;
    }
  }
}

export const expiryWatch = new ExpiryWatch();
