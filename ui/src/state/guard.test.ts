import { describe, expect, it } from "vitest";
import { isBrowserKey, isHeldKey } from "./guard";

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

describe("a key that is only still down", () => {
  const held = (name: string, more: Partial<KeyboardEvent> = {}) => ({ ...key(name, more), repeat: true });

  it("decides nothing: not by Enter, by a letter, by a digit, by a function key or with Alt", () => {
    for (const name of ["Enter", "Escape", "r", "1", "F12", " "])
      expect(isHeldKey(held(name), false)).toBe(true);
    expect(isHeldKey(held("Enter"), true)).toBe(true);
    expect(isHeldKey(held("t", { altKey: true }), true)).toBe(true);
  });

  it("still goes through a list and through a text", () => {
    for (const name of ["ArrowDown", "PageUp", "Tab"]) expect(isHeldKey(held(name), false)).toBe(false);
    for (const name of ["0", "a", "Backspace", "Delete"]) expect(isHeldKey(held(name), true)).toBe(false);
  });

  it("is not one that is pressed again", () => {
    expect(isHeldKey({ ...key("Enter"), repeat: false }, false)).toBe(false);
  });
});
