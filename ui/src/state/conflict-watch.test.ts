import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Notice } from "../contract/Notice";
import type { SessionView } from "../contract/SessionView";
import type { SyncState } from "../contract/SyncState";

const engine = vi.hoisted(() => ({
  told: [] as { title: string; body: string }[],
  hear: (() => {}) as (notice: Notice) => void,
}));

vi.mock("../backend", () => ({
  call: (name: string, args: { title: string; body: string }) => {
    if (name === "tell_desktop") engine.told.push(args);
    return name === "sync_state" ? Promise.reject(new Error("not asked for here")) : Promise.resolve(null);
  },
  onNotice: (hear: (notice: Notice) => void) => {
    engine.hear = hear;
    return () => {};
  },
  whenSignedOut: () => {},
}));

const { conflictWatch } = await import("./conflict-watch.svelte");
const { shell } = await import("./shell.svelte");
const { toasts } = await import("./toasts.svelte");

function signedIn(permissions: string[], conflicts = 0): void {
  shell.session = { permissions } as unknown as SessionView;
  shell.sync = { conflicts } as SyncState;
  conflictWatch.attach();
}
const titles = (): string[] => toasts.list.map((toast) => toast.title.replace(/\u00a0/g, " "));

describe("conflicts that wait for somebody", () => {
  beforeEach(() => {
    engine.told = [];
    toasts.list = [];
    shell.screen = "sale";
  });

  it("are told to a manager in the window and on the desktop, and lead to where they are resolved", () => {
    signedIn(["resolve_conflicts"]);
    engine.hear({ kind: "conflicts", open: 2 });
    expect(titles()).toEqual(["2 conflits à résoudre"]);
    expect(engine.told.map(({ title }) => title.replace(/\u00a0/g, " "))).toEqual(["2 conflits à résoudre"]);
    toasts.list[0]?.action?.run();
    expect(shell.screen).toBe("sync");
  });

  it("are one notice, which says the number there is now", () => {
    signedIn(["resolve_conflicts"]);
    engine.hear({ kind: "conflicts", open: 1 });
    engine.hear({ kind: "conflicts", open: 3 });
    expect(titles()).toEqual(["3 conflits à résoudre"]);
  });

  it("are no news while their number falls, nor to whoever may not resolve them", () => {
    signedIn(["resolve_conflicts"], 3);
    toasts.list = [];
    engine.hear({ kind: "conflicts", open: 2 });
    signedIn(["sell"]);
    engine.hear({ kind: "conflicts", open: 5 });
    expect(titles()).toEqual([]);
    expect(engine.told).toEqual([]);
  });

  it("waited before the manager came: the window says so, the desktop does not", () => {
    signedIn(["resolve_conflicts"], 4);
    expect(titles()).toEqual(["4 conflits à résoudre"]);
    expect(engine.told).toEqual([]);
  });

  it("decided by somebody else first are said with their name", () => {
    signedIn(["resolve_conflicts"]);
    const conflict = { label: "Coartem", resolvedBy: "Hawa Baldé" };
    engine.hear({ kind: "conflictAlreadySettled", conflict } as unknown as Notice);
    expect(titles()[0]).toContain("Hawa Baldé");
  });

  it("whose row somebody wrote meanwhile are said to wait again, with their name", () => {
    signedIn(["resolve_conflicts"]);
    const conflict = { label: "Coartem", hubBy: "Hawa Baldé" };
    engine.hear({ kind: "conflictAsksAgain", conflict } as unknown as Notice);
    expect(titles()[0]).toContain("Hawa Baldé y a écrit entre-temps");
  });
});
