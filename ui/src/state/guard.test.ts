import { describe, expect, it } from "vitest";
import { isBrowserKey } from "./guard";

const key = (name: string, held: Partial<KeyboardEvent> = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

describe("the web view's own keys", () => {
  it("are recognised", () => {
    for (const name of ["F1", "F3", "F5", "F7", "F12"]) expect(isBrowserKey(key(name))).toBe(true);
    expect(isBrowserKey(key("p", { ctrlKey: true }))).toBe(true);
    expect(isBrowserKey(key("R", { ctrlKey: true }))).toBe(true);
    expect(isBrowserKey(key("ArrowLeft", { altKey: true }))).toBe(true);
  });

  it("are not the cashier's", () => {
    expect(isBrowserKey(key("p"))).toBe(false);
    expect(isBrowserKey(key("c", { ctrlKey: true }))).toBe(false);
    expect(isBrowserKey(key("Enter"))).toBe(false);
  });
});
