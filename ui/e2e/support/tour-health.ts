import { type Page } from "@playwright/test";
import { atTill, CASHIER, MANAGER, type Knobs } from "./till";
import type { View } from "./tour";

/** « Synchronisation », on the tab of that place: File d'attente, Conflits, Réparations, Intégrité … */
export async function syncTab(page: Page, tab: number, knobs: Knobs = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+5");
  await page.getByRole("tab").nth(tab).click();
}

export const REPAIRS = 2;
export const INTEGRITY = 3;

async function repairing(page: Page, knobs: Knobs): Promise<void> {
  await syncTab(page, REPAIRS, { holdAt: "repair", ...knobs });
  await page.getByTestId("repair").click();
  await page.getByText(/4\/5/).first().waitFor();
}

/** What the till mends, compares, keeps copies of, and is to its hub. */
export const HEALTH_VIEWS: View[] = [
  {
    name: "repairs",
    reach: async (page, settings) => {
      await syncTab(page, REPAIRS, { settings });
      await page.getByTestId("repair-left").first().waitFor();
    },
  },
  { name: "repairs-running", reach: (page, settings) => repairing(page, { settings }) },
  {
    name: "repairs-done",
    reach: async (page, settings) => {
      await syncTab(page, REPAIRS, { settings });
      await page.getByTestId("repair").click();
      await page.getByTestId("repair-result").waitFor();
      await page.getByTestId("repair-run").first().click();
    },
  },
  {
    name: "repairs-none",
    reach: async (page, settings) => {
      await syncTab(page, REPAIRS, { settings, repairLines: [], repairRuns: [] });
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "repairs-stopped",
    reach: async (page, settings) => {
      await repairing(page, { settings });
      await page.getByTestId("repair-stop").click();
      await page.getByTestId("repair-result").waitFor();
    },
  },
  {
    name: "repairs-elsewhere",
    reach: async (page, settings) => {
      await repairing(page, { settings });
      await page.keyboard.press("Alt+1");
    },
  },
  {
    name: "repairs-cashier",
    reach: async (page, settings) => {
      const repairing = { step: "pull", index: 2, steps: 5, found: 27, mended: 0, entity: "supplier" };
      await atTill(page, { signedIn: CASHIER, settings, repairing });
    },
  },
];
