import { call, onNotice, whenSignedOut } from "../backend";
import type { IdentityView } from "../contract/IdentityView";
import type { Notice } from "../contract/Notice";
import type { PersonCard } from "../contract/PersonCard";
import type { Problem } from "../contract/Problem";
import type { RepairProgress } from "../contract/RepairProgress";
import type { SessionView } from "../contract/SessionView";
import type { SettingsView } from "../contract/SettingsView";
import type { StartView } from "../contract/StartView";
import type { SyncProgress } from "../contract/SyncProgress";
import type { SyncState } from "../contract/SyncState";
import { asProblem, language } from "../words.svelte";
import { toasts } from "./toasts.svelte";

export const SCREENS = [
  "sale",
  "sales",
  "products",
  "expiries",
  "sync",
  "settings",
  "contacts",
  "audit",
  "backup",
] as const;
export type ScreenName = (typeof SCREENS)[number];

/** A row whose history is shown. */
export interface RowShown {
  entity: string;
  uid: string;
  label: string;
  /** Asked for on a conflict: one goes back there. */
  conflict?: boolean;
}

const TICK = 1_000;
const POLL_TICKS = 15;
/** What whoever reads the log of changes must be allowed. */
export const SEES_LOG = "see_sync";

/** What surrounds every screen: who is here, which screen, the strip, the clock, the lock. */
class Shell {
  start = $state.raw<StartView | null>(null);
  session = $state.raw<SessionView | null>(null);
  settings = $state.raw<SettingsView | null>(null);
  sync = $state.raw<SyncState | null>(null);
  progress = $state.raw<SyncProgress | null>(null);
  /** A repair is under way. */
  repair = $state.raw<RepairProgress | null>(null);
  trouble = $state.raw<Problem | null>(null);
  screen = $state<ScreenName>("sale");
  helpOpen = $state(false);
  /** The page « Historique » of a row, over the screen it was asked on. */
  history = $state.raw<RowShown | null>(null);
  /** The screen was there before a history covered it: it shows what it showed. */
  backFromHistory = false;
  /** « Conflits » was asked for: Synchronisation opens there. */
  conflictsAsked = $state(false);
  /** « Ré-enrôler » is open, for what this till is to the hub. */
  reenrolling = $state.raw<IdentityView | null>(null);
  /** « Récupérer » is open: the store was found damaged while the till was open. */
  salvaging = $state(false);
  /** « Réparations » was asked for, or a repair: Synchronisation opens there. */
  repairsAsked = $state<"see" | "do" | null>(null);
  now = $state(Date.now());
  /** When the till locked by itself, for the sign-in screen. */
  lockedAt = $state<number | null>(null);

  /** Told how many refused tickets wait, whenever that was read. */
  onToSettle: (count: number) => void = () => {};
  /** Told how many conflicts wait, likewise. */
  onConflicts: (count: number) => void = () => {};
  /** Told how many findings are left for a person, likewise. */
  onToRepair: (count: number) => void = () => {};

  #lastKey = Date.now();
  #ticks = 0;

  /** Reads where the till stands and begins to listen. */
  async boot(): Promise<void> {
    onNotice((notice) => this.#hear(notice));
    whenSignedOut(() => (this.session = null));
    setInterval(() => this.#tick(), TICK);
    await this.restart();
  }

  /** The damaged store was replaced: what was wrong with it no longer is. */
  async salvaged(): Promise<void> {
    this.trouble = null;
    this.salvaging = false;
    await this.restart();
  }

  async restart(): Promise<void> {
    try {
      this.adopt(await call("start", null));
    } catch (error) {
      this.start = brokenStart(asProblem(error));
    }
  }

  adopt(start: StartView): void {
    this.start = start;
    this.session = start.session;
    if (start.problem) this.trouble = null;
    this.touched();
    if (!start.problem && start.enrolled) void this.refresh();
  }

  /** Whether the person signed in may do this. */
  may(permission: string): boolean {
    return this.session?.permissions.includes(permission) ?? false;
  }

  /** A dialog of the window itself lies over the screen: its keys are not the screen's. */
  get covered(): boolean {
    return this.helpOpen || this.salvaging || this.reenrolling !== null;
  }

  /** The screens this person has, in the order of the rail. */
  get screens(): ScreenName[] {
    const needs: Partial<Record<ScreenName, string>> = { sale: "sell", audit: SEES_LOG, backup: "settings" };
    return SCREENS.filter((screen) => this.may(needs[screen] ?? "") || !needs[screen]);
  }

  async signIn(uid: string, pin: string): Promise<void> {
    this.session = await call("sign_in", { uid, pin });
    this.screen = this.screens[0] ?? "sales";
    this.lockedAt = null;
    this.touched();
    await this.refresh();
  }

  async lock(): Promise<void> {
    if (!this.session) return;
    await call("sign_out", null).catch(() => null);
    this.session = null;
    this.helpOpen = false;
    this.history = null;
    this.reenrolling = null;
    this.salvaging = false;
    await this.readPeople();
  }

  show(screen: ScreenName): void {
    this.screen = screen;
    this.helpOpen = false;
    this.history = null;
    this.backFromHistory = false;
  }

  /** « Conflits » in Synchronisation. */
  showConflicts(): void {
    if (!this.may("resolve_conflicts")) return;
    this.conflictsAsked = true;
    toasts.done("conflicts");
    this.show("sync");
  }

  /** « Réparations » in Synchronisation; with `do`, a repair begins. */
  showRepairs(asked: "see" | "do" = "see"): void {
    if (!this.may("see_sync")) return;
    this.repairsAsked = asked;
    toasts.done("repairs");
    this.show("sync");
  }

  /** Who this till is to the hub, where it is no longer the one it was. */
  get estranged(): IdentityView | null {
    const identity = this.sync?.identity;
    return identity && identity.state !== "known" ? identity : null;
  }

  /** The page « Historique » of a row. */
  showHistory(row: RowShown): void {
    if (this.may(SEES_LOG)) this.history = row;
  }

  /** Back to where the history was asked for. */
  leaveHistory(): void {
    this.conflictsAsked = this.history?.conflict ?? false;
    this.backFromHistory = true;
    this.history = null;
  }

  /** A key or a click: the till is not idle. */
  touched(): void {
    this.#lastKey = Date.now();
  }

  async readPeople(): Promise<void> {
    const people = await call("list_people", null).catch((): PersonCard[] => []);
    if (this.start) this.start = { ...this.start, people };
  }

  async readSync(): Promise<void> {
    this.sync = await call("sync_state", null).catch(() => this.sync);
    this.progress = this.sync?.running ?? null;
    this.repair = this.sync?.repair ?? null;
    if (!this.sync || !this.session) return;
    this.onToSettle(this.sync.toRegularise);
    this.onConflicts(this.sync.conflicts);
    this.onToRepair(this.sync.toRepair);
  }

  /** Settings as they are now; their language and theme take effect at once. */
  applySettings(settings: SettingsView): void {
    const changed = settings.language !== this.settings?.language;
    this.settings = settings;
    if (changed) language.use(settings.language);
    const root = document.documentElement;
    if (settings.theme === "light" || settings.theme === "dark") root.dataset.theme = settings.theme;
    else delete root.dataset.theme;
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#readSettings(), this.readSync()]);
  }

  async #readSettings(): Promise<void> {
    const settings = await call("settings", null).catch(() => null);
    if (settings) this.applySettings(settings);
  }

  #hear(notice: Notice): void {
    if (notice.kind === "syncProgress") this.progress = notice.progress;
    if (notice.kind === "repairProgress") this.repair = notice.progress;
    if (notice.kind === "identity" && this.sync) this.sync = { ...this.sync, identity: notice.identity };
    if (notice.kind === "trouble") this.trouble = notice.problem;
    if (notice.kind !== "changed") return;
    if (notice.topics.some((topic) => ["sync", "sales", "conflicts"].includes(topic))) void this.readSync();
    if (notice.topics.includes("people")) void this.readPeople();
    if (notice.topics.includes("settings")) void this.#readSettings();
  }

  #tick(): void {
    this.now = Date.now();
    this.#ticks += 1;
    toasts.expire(this.now);
    if (this.start?.enrolled && this.#ticks % POLL_TICKS === 0) void this.readSync();
    const minutes = this.settings?.lockMinutes ?? 0;
    if (this.session && minutes > 0 && this.now - this.#lastKey > minutes * 60_000) {
      this.lockedAt = this.now;
      void this.lock();
    }
  }
}

function brokenStart(problem: Problem): StartView {
  return {
    version: "",
    enrolled: false,
    needsOwner: false,
    pharmacy: "",
    till: "",
    people: [],
    session: null,
    today: "",
    problem,
  };
}

export const shell = new Shell();
