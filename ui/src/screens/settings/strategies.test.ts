import { describe, expect, it, vi } from "vitest";

const engine = vi.hoisted(() => ({ held: {} as Record<string, unknown> }));

vi.mock("../../backend", () => ({
  call: (name: string, args: Record<string, unknown>) => {
    if (name === "set_pharmacy_settings") Object.assign(engine.held, args);
    return Promise.resolve(structuredClone(engine.held));
  },
  onNotice: () => () => {},
  whenSignedOut: () => {},
}));

const { Strategies } = await import("./strategies.svelte");

async function chosen() {
  const conflict = { "conflict.default": null, "conflict.user": null, "conflict.product": null };
  engine.held = { "pharmacy.name": "Fouta", ...conflict };
  const strategies = new Strategies();
  await strategies.read();
  const product = () => strategies.entities.find(({ entity }) => entity === "product")!;
  return { strategies, effect: () => strategies.effect(product()) };
}

describe("the pharmacy's choices for conflicts", () => {
  it("are shown for what is edited, the daily ones first", async () => {
    const { strategies } = await chosen();
    expect(strategies.entities.map(({ entity }) => entity)).toEqual(["product", "user"]);
  });

  it("leave what is asked about to a person unless the entity says otherwise", async () => {
    const { strategies, effect } = await chosen();
    expect(effect()).toEqual({ ordinary: "lastWrite", asked: "manual" });
    await strategies.choose(null, "server");
    expect(effect()).toEqual({ ordinary: "server", asked: "manual" });
    await strategies.choose("product", "client");
    expect(effect()).toEqual({ ordinary: "client", asked: "client" });
    await strategies.choose("product", "merge");
    expect(effect()).toEqual({ ordinary: "lastWrite", asked: "manual" });
  });

  it("are taken back one by one", async () => {
    const { strategies, effect } = await chosen();
    await strategies.choose(null, "manual");
    await strategies.choose("product", "client");
    await strategies.choose("product", null);
    expect(effect()).toEqual({ ordinary: "manual", asked: "manual" });
    await strategies.choose(null, null);
    expect(strategies.common).toBeNull();
  });
});
