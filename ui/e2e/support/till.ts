import { expect, type Page } from "@playwright/test";

/** What `?fake=` may set before the window starts. */
export interface Knobs {
  signedIn?: string;
  settings?: Record<string, unknown>;
  [knob: string]: unknown;
}

export const CASHIER = "1111";
export const MANAGER = "4444";

/** Products by their place on the fake shelf. */
export const DOLIPRANE = 0;
export const COARTEM = 1;
export const ZINC = 3;
export const AMOXICILLINE = 6;
export const CLAMOXYL = 10;
export const INSULINE = 12;
export const GLUCOSE = 15;

export async function open(page: Page, knobs: Knobs = {}): Promise<void> {
  await page.goto(`/?fake=${encodeURIComponent(JSON.stringify(knobs))}`);
  await page.locator("#app > *").first().waitFor();
}

/** Opens the till with someone already signed in, on the sale. */
export async function atTill(page: Page, knobs: Knobs = {}): Promise<void> {
  await open(page, { signedIn: CASHIER, ...knobs });
  await expect(page.getByTestId("scan-field")).toBeFocused();
}

/** Changes the fake pharmacy while it runs. */
export function set(page: Page, knobs: Record<string, unknown>): Promise<void> {
  return page.evaluate((change) => void Object.assign(window.officineFake.world, change), knobs);
}

export function codeOf(page: Page, product: number): Promise<string> {
  return page.evaluate((index) => window.officineFake.codeOf(index), product);
}

/** Longer than the time in which an Enter still belongs to a scan. */
const AFTER_SCAN = 80;

/** A scanner: keys without pause, Enter at once. */
export async function scan(page: Page, code: string, ends = ["Enter"]): Promise<void> {
  await page.evaluate(
    ([text, last]) => {
      const send = (key: string, physical: string) => {
        const target = document.activeElement ?? document.body;
        const event = new KeyboardEvent("keydown", { key, code: physical, bubbles: true, cancelable: true });
        const goesOn = target.dispatchEvent(event);
        if (!goesOn || key.length !== 1 || !(target instanceof HTMLInputElement)) return;
        target.value += key;
        target.dispatchEvent(new InputEvent("input", { bubbles: true }));
      };
      for (const letter of text) send(letter, /\d/.test(letter) ? `Digit${letter}` : "");
      for (const key of last) send(key, key);
    },
    [code, ends] as const,
  );
  await page.waitForTimeout(AFTER_SCAN);
}

/** Text for the field that has the keyboard, at no rhythm at all: on a loaded machine keys come in bursts, as from a scanner. */
export function write(page: Page, text: string): Promise<void> {
  return page.keyboard.insertText(text);
}

export async function scanProducts(page: Page, ...products: number[]): Promise<void> {
  for (const product of products) await scan(page, await codeOf(page, product));
}

/** Text with its no-break spaces made ordinary. */
export async function plain(page: Page, testid: string): Promise<string> {
  return (await page.getByTestId(testid).innerText()).replace(/[\u00a0\u202f]/g, " ");
}

declare global {
  interface Window {
    officineFake: {
      world: Record<string, unknown>;
      codeOf: (index: number) => string;
      conflictsArrive: (count: number) => void;
      identityParts: (state: string) => void;
      troubles: (problem: { code: string; params: object }) => void;
    };
  }
}
