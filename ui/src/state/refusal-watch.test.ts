import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Notice } from "../contract/Notice";
import type { SessionView } from "../contract/SessionView";

const engine = vi.hoisted(() => ({
  told: [] as { title: string; body: string }[],
  hear: (() => {}) as (notice: Notice) => void,
}));

vi.mock("../backend", () => ({
  call: (name: string, args: { title: string; body: string }) => {
    if (name === "tell_desktop") engine.told.push(args);
    return Promise.resolve(null);
  },
  onNotice: (hear: (notice: Notice) => void) => {
    engine.hear = hear;
    return () => {};
  },
  whenSignedOut: () => {},
}));

const { refusalWatch } = await import("./refusal-watch.svelte");
const { shell } = await import("./shell.svelte");
const { toasts } = await import("./toasts.svelte");

const refused = {
  kind: "saleToSettle",
  sale: {
    number: "2-004 243",
    total: 280_000,
    reason: { code: "stock_insufficient", params: { product: "Insuline", asked: 2, available: 0 } },
  },
} as unknown as Notice;
const person = (permissions: string[]) => (shell.session = { permissions } as unknown as SessionView);
const said = () => engine.told.map(({ title, body }) => `${title} ${body}`.replace(/\u00a0/g, " "));

describe("a ticket refused behind one's back", () => {
  beforeEach(() => {
    engine.told = [];
    toasts.list = [];
    refusalWatch.attach();
  });

  it("is told to the cashier in the window and on the desktop, with the manager's name for it", () => {
    person(["sell"]);
    engine.hear(refused);
    expect(said()[0]).toContain("2-004 243");
    expect(said()[0]).toContain("280 000 GNF");
    expect(said()[0]).toContain("gérant");
    expect(toasts.list.map((toast) => toast.kind)).toEqual(["stop"]);
  });

  it("is told once to a manager, who is sent to where it is decided", () => {
    person(["sell", "settle_sale"]);
    engine.hear(refused);
    refusalWatch.counted(1);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain("À régulariser");
  });

  it("of another till is news to who may decide, and to nobody else", () => {
    person(["sell"]);
    refusalWatch.counted(1);
    expect(said()).toEqual([]);
    person(["settle_sale"]);
    refusalWatch.counted(3);
    refusalWatch.counted(2);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain("2 tickets");
  });

  it("and settled by somebody else first says by whom", () => {
    person(["settle_sale"]);
    engine.hear({
      kind: "saleAlreadySettled",
      number: "2-004 243",
      standing: { by: "Fatoumata Camara" },
    } as unknown as Notice);
    expect(said()[0]).toContain("déjà réglé");
    expect(said()[0]).toContain("Fatoumata Camara");
  });
});
