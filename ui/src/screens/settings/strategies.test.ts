import { describe, expect, it, vi } from "vitest";

const engine = vi.hoisted(() => ({
  held: {
    "pharmacy.name": "Fouta",
    "conflict.default": null,
    "conflict.user": null,
    "conflict.product": null,
  } as Record<string, unknown>,
}));

vi.mock("../../backend", () => ({
  call: (name: string, args: Record<string, unknown>) => {
    if (name === "set_pharmacy_settings") Object.assign(engine.held, args);
    return Promise.resolve({ ...engine.held });
  },
  onNotice: () => () => {},
  whenSignedOut: () => {},
}));

const { Strategies } = await import("./strategies.svelte");

describe("the pharmacy's choices for conflicts", () => {
  it("are asked for what can be edited, the daily ones first", async () => {
    const strategies = new Strategies();
    await strategies.read();
    expect(strategies.entities).toEqual(["product", "user"]);
    expect(strategies.common).toBeNull();
  });

  it("leave what is sensitive to a person unless an entity says otherwise", async () => {
    const strategies = new Strategies();
    await strategies.read();
    expect(strategies.effective("product")).toEqual({ ordinary: "lastWrite", sensitive: "manual" });
    await strategies.choose(null, "server");
    expect(strategies.effective("product")).toEqual({ ordinary: "server", sensitive: "manual" });
    await strategies.choose("product", "client");
    expect(strategies.effective("product")).toEqual({ ordinary: "client", sensitive: "client" });
    await strategies.choose("product", "merge");
    expect(strategies.effective("product")).toEqual({ ordinary: "lastWrite", sensitive: "manual" });
    await strategies.choose("product", null);
    expect(strategies.of("product")).toBeNull();
  });
});
