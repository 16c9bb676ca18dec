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

/** A comparison of a range of days that the end of the till has cut off. */
export const CUT = {
  ...{ id: 6, startedAt: 1_795_165_200_000, durationMs: 48_000 },
  ...{ document: null, from: "2026-11-01", to: "2026-11-20", done: 1_160, of: 2_318 },
  totals: { total: 2_720, synced: 6, skipped: 2_714, failed: 0 },
  entities: { sale: { total: 1_160, synced: 2, skipped: 1_158, failed: 0 } },
  ...{ steps: [], stopped: true, problem: { code: "integrity_cut", params: {} }, underWay: false },
};

async function repairing(page: Page, knobs: Knobs): Promise<void> {
  await syncTab(page, REPAIRS, { holdAt: "repair", ...knobs });
  await page.getByTestId("repair").click();
  await page.getByText(/4\/5/).first().waitFor();
}

/** Three hundred findings, half of them for a person, with the longest names there are. */
async function manyRepairs(page: Page): Promise<void> {
  await page.evaluate(() => {
    const world = window.officineFake.world as {
      repairLines: { id: number; label: string; mended: boolean }[];
    };
    const seeds = world.repairLines;
    world.repairLines = Array.from({ length: 300 }, (_, at) => {
      const seed = seeds[at % seeds.length] ?? { id: 0, label: "", mended: false };
      const label = `${seed.label}, ${"Amodiaquine + artésunate 270/100 mg comprimé ".repeat(at % 3)}n° ${at}`;
      return { ...seed, id: 1_000 - at, label };
    });
  });
}

/** What the till mends and compares. */
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
    name: "repairs-kind",
    reach: async (page, settings) => {
      await syncTab(page, REPAIRS, { settings });
      await page.getByTestId("repair-left").first().waitFor();
      await page.getByRole("combobox").selectOption("ledger");
    },
  },
  {
    name: "repairs-many",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings });
      await manyRepairs(page);
      await page.keyboard.press("Alt+5");
      await page.getByRole("tab").nth(REPAIRS).click();
      await page.getByTestId("repair-left").first().waitFor();
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
    name: "integrity-first",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings });
      await page.getByTestId("certificate-equal").waitFor();
    },
  },
  {
    name: "integrity",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings });
      await page.getByTestId("integrity-do").click();
      await page.getByTestId("integrity-report").waitFor();
    },
  },
  {
    name: "integrity-running",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings, holdAt: "integrity" });
      await page.getByTestId("integrity-do").click();
      await page.getByText(/50 %/).waitFor();
    },
  },
  {
    name: "integrity-stopped",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings, holdAt: "integrity" });
      await page.getByTestId("integrity-do").click();
      await page.getByText(/50 %/).waitFor();
      await page.getByTestId("integrity-stop").click();
      await page.getByTestId("integrity-resume").waitFor();
    },
  },
  {
    name: "integrity-cut",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings, integrity: CUT });
      await page.getByTestId("integrity-resume").waitFor();
    },
  },
  {
    name: "integrity-differs",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings, differing: ["productBatch", "sale"] });
      await page.getByRole("button", { name: /^(Un document|One document)$/ }).click();
      await page.getByTestId("integrity-document").fill("2-004 999");
      await page.keyboard.press("Enter");
      await page.getByTestId("certify").click();
      await page.getByTestId("certificate-repair").waitFor();
    },
  },
  {
    name: "integrity-none",
    reach: async (page, settings) => {
      await syncTab(page, INTEGRITY, { settings, certificates: [] });
      await page.locator(".empty").waitFor();
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
