import { type Page } from "@playwright/test";
import { atTill, DOLIPRANE, MANAGER, open, scanProducts, write, ZINC, type Knobs } from "./till";
import type { View } from "./tour";

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

/** The store is found damaged while somebody sells. */
export async function troubled(page: Page, knobs: Knobs = {}, code = "store_unreadable"): Promise<void> {
  await atTill(page, knobs);
  await page.evaluate(
    (found) => window.officineFake.troubles({ code: found, params: { path: "/data/officine.db" } }),
    code,
  );
  await page.getByTestId("trouble").waitFor();
}

/** What the till keeps copies of, what it is to its hub, and a damaged file. */
export const SAFETY_VIEWS: View[] = [
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
      await write(page, "KM4 000");
      await page.keyboard.press("Enter");
      await page.locator("#app p.stop, dialog p.stop").first().waitFor();
    },
  },
  {
    name: "identity-done",
    reach: async (page, settings) => {
      await atTill(page, { settings, identityState: "revoked" });
      await page.keyboard.press("Alt+i");
      await write(page, "KM4 7RT");
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
      await write(page, settings.language === "en" ? "restore" : "restaurer");
    },
  },
  {
    name: "backup-damaged",
    reach: async (page, settings) => {
      await backup(page, { settings });
      await page.evaluate(() => {
        const world = window.officineFake.world as {
          backups: { files: { path: string; problem: object | null }[] };
        };
        const [, one] = world.backups.files;
        const params = { detail: "page 812", path: one?.path ?? "" };
        if (one) one.problem = { code: "backup_damaged", params };
      });
      for (const key of ["ArrowDown", "Enter"]) await page.keyboard.press(key);
      await write(page, settings.language === "en" ? "restore" : "restaurer");
      await page.keyboard.press("Enter");
      await page.locator("dialog p.stop").waitFor();
    },
  },
  {
    name: "trouble",
    reach: async (page, settings) => {
      await troubled(page, { settings });
      await scanProducts(page, DOLIPRANE, ZINC);
    },
  },
  {
    name: "trouble-salvage",
    reach: async (page, settings) => {
      await troubled(page, { settings });
      await page.getByTestId("salvage-offer").focus();
      await page.keyboard.press("Enter");
      await page.getByTestId("salvage").waitFor();
    },
  },
  { name: "trouble-full", reach: (page, settings) => troubled(page, { settings }, "disk_full") },
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
