import { type Page } from "@playwright/test";
import { atTill, CASHIER, DOLIPRANE, MANAGER, open, scanProducts, ZINC, type Knobs } from "./till";
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

/** « Sauvegarde ». */
export async function backup(page: Page, knobs: Knobs = {}, rows = true): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+9");
  if (rows) await page.getByTestId("backup-row").first().waitFor();
}

/** A till whose file is damaged, at the door. */
export async function damaged(page: Page, knobs: Knobs = {}): Promise<void> {
  const startProblem = { code: "store_unreadable", params: { path: "/data/officine.db" } };
  await open(page, { startProblem, ...knobs });
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
  {
    name: "identity-copied",
    reach: async (page, settings) => {
      await atTill(page, { settings, identityState: "copied" });
      await scanProducts(page, DOLIPRANE, ZINC);
    },
  },
  {
    name: "identity-dialog",
    reach: async (page, settings) => {
      await atTill(page, { settings, identityState: "restored" });
      await page.keyboard.press("Alt+i");
      await page.keyboard.type("KM4 000", { delay: 70 });
      await page.keyboard.press("Enter");
      await page.locator("#app p.stop, dialog p.stop").first().waitFor();
    },
  },
  {
    name: "identity-done",
    reach: async (page, settings) => {
      await atTill(page, { settings, identityState: "revoked" });
      await page.keyboard.press("Alt+i");
      await page.keyboard.type("KM4 7RT", { delay: 70 });
      await page.keyboard.press("Enter");
      await page.getByTestId("reenrol-back").waitFor();
    },
  },
  { name: "backup", reach: (page, settings) => backup(page, { settings }) },
  {
    name: "backup-none",
    reach: async (page, settings) => {
      await backup(page, { settings }, false);
      await page.evaluate(() => {
        const world = window.officineFake.world as { backups: object };
        world.backups = { ...world.backups, files: [], last: null, sticks: [] };
      });
      await page.keyboard.press("Alt+1");
      await page.keyboard.press("Alt+9");
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "backup-running",
    reach: async (page, settings) => {
      await backup(page, { settings, backupTakes: 60_000 });
      await page.keyboard.press("Alt+s");
      await page.waitForTimeout(1_200);
    },
  },
  {
    name: "backup-failed",
    reach: async (page, settings) => {
      await backup(page, { settings, backupFails: true });
      await page.keyboard.press("Alt+s");
      await page.getByTestId("backup-problem").waitFor();
    },
  },
  {
    name: "backup-restore",
    reach: async (page, settings) => {
      await backup(page, { settings });
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByTestId("restore-dialog").waitFor();
      await page.keyboard.type(settings.language === "en" ? "restore" : "restaurer", { delay: 60 });
    },
  },
  { name: "salvage-offer", reach: (page, settings) => damaged(page, { settings }) },
  {
    name: "salvage-explained",
    reach: async (page, settings) => {
      await damaged(page, { settings });
      await page.getByTestId("salvage-offer").click();
    },
  },
  {
    name: "salvage-done",
    reach: async (page, settings) => {
      await damaged(page, { settings });
      await page.getByTestId("salvage-offer").click();
      await page.getByTestId("salvage-do").click();
      await page.getByTestId("salvage-report").waitFor();
    },
  },
  {
    name: "salvage-lost",
    reach: async (page, settings) => {
      await damaged(page, { settings, salvageLoses: 2 });
      await page.getByTestId("salvage-offer").click();
      await page.getByTestId("salvage-do").click();
      await page.getByTestId("salvage-report").waitFor();
    },
  },
];
