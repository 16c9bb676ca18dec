import { type Page } from "@playwright/test";
import { atTill, CASHIER, MANAGER, type Knobs } from "./till";
import type { View } from "./tour";

export async function conflicts(page: Page, knobs: Knobs = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, conflictCount: 6, ...knobs });
  await page.keyboard.press("Alt+c");
  await page.getByTestId("conflict-row").first().waitFor();
}

/** Points at the n-th conflict and opens it. */
export async function look(page: Page, at: number): Promise<void> {
  for (let step = 0; step < at; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByTestId("conflict-dialog").waitFor();
}

/** A product that may be one of three others, about to be made one with one of them. */
export async function joining(page: Page, knobs: Knobs = {}): Promise<void> {
  await conflicts(page, { productTwins: true, ...knobs });
  await page.getByTestId("conflict-row").filter({ hasText: "Doliprane 1 g" }).click();
  await page.getByTestId("conflict-dialog").waitFor();
  await page.keyboard.press((knobs.settings?.language ?? "fr") === "en" ? "m" : "r");
  await page.getByTestId("join-dialog").waitFor();
}

/** Presses these one after the other, once the two are side by side and something is said of them. */
async function paired(page: Page, settings: Knobs, ...keys: string[]): Promise<void> {
  await joining(page, { settings });
  for (const key of keys) await page.keyboard.press(key);
  await page.getByTestId("join-preview").getByRole("alert").waitFor();
}

async function history(page: Page, knobs: Knobs): Promise<void> {
  await atTill(page, { signedIn: MANAGER, conflictCount: 6, ...knobs });
  await page.keyboard.press("Alt+3");
  await page.getByRole("searchbox").fill("coartem");
  await page.getByTestId("product-row").first().click();
  await page.getByTestId("history-product").click();
  await page.getByTestId("log-line").first().waitFor();
}

async function audit(page: Page, knobs: Knobs): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+8");
  await page.getByTestId("log-line").first().waitFor();
}

/** Conflicts, what they come from and what is left of them. */
export const CONFLICT_VIEWS: View[] = [
  { name: "conflicts", reach: (page, settings) => conflicts(page, { settings }) },
  { name: "conflicts-many", reach: (page, settings) => conflicts(page, { settings, conflictCount: 5_000 }) },
  {
    name: "conflicts-none",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings });
      await page.keyboard.press("Alt+c");
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "conflict-one",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 0);
    },
  },
  {
    name: "conflict-several",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 1);
      await page.keyboard.press("1");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("2");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("3");
      await page.keyboard.type("37 mille");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "conflict-long",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 2);
      await page.keyboard.press("2");
    },
  },
  {
    name: "conflict-deleted",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 3);
    },
  },
  {
    name: "conflict-twin",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 4);
    },
  },
  { name: "join-which", reach: (page, settings) => joining(page, { settings }) },
  { name: "join-preview", reach: (page, settings) => paired(page, settings, "1", "Enter", "2") },
  { name: "join-units-differ", reach: (page, settings) => paired(page, settings, "2", "Enter", "1") },
  {
    name: "join-customers",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 4);
      await page.keyboard.press(settings.language === "en" ? "m" : "r");
      await page.getByTestId("join-side").nth(1).waitFor();
    },
  },
  {
    name: "conflict-rows",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 5);
    },
  },
  {
    name: "conflict-supplier",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 5);
      for (const key of ["1", "ArrowDown", "3"]) await page.keyboard.press(key);
      await page.keyboard.type("gui");
      await page.getByRole("option").nth(1).waitFor();
    },
  },
  {
    name: "conflict-settled",
    reach: async (page, settings) => {
      await conflicts(page, { settings });
      await look(page, 1);
      await page.keyboard.press(settings.language === "en" ? "t" : "c");
      await page.keyboard.press("Enter");
      await page.getByTestId("conflict-dialog").waitFor({ state: "detached" });
      await page.getByRole("group").getByRole("button").nth(1).click();
      await page.locator("[data-state=settled]").click();
      await page.getByTestId("conflict-undo").waitFor();
    },
  },
  {
    name: "conflicts-together",
    reach: async (page, settings) => {
      await conflicts(page, { settings, conflictCount: 5_000 });
      await page.keyboard.press("Alt+t");
      await page.keyboard.press("1");
    },
  },
  {
    name: "conflicts-resolving",
    reach: async (page, settings) => {
      await conflicts(page, { settings, conflictCount: 5_000, bulkPause: 1_500 });
      await page.keyboard.press("Alt+t");
      await page.keyboard.press("1");
      await page.keyboard.press("Enter");
      await page.getByText(/1.500/).waitFor();
    },
  },
  {
    name: "conflicts-told",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings });
      await page.evaluate(() => window.officineFake.conflictsArrive(2));
      await page.locator(".toast").waitFor();
    },
  },
  {
    name: "conflicts-cashier",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: CASHIER, settings, conflictCount: 6 });
      await page.keyboard.press("Alt+5");
      await page.getByTestId("queue-row").first().waitFor();
    },
  },
  {
    name: "products-conflict",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, conflictCount: 6 });
      await page.keyboard.press("Alt+3");
      await page.getByRole("searchbox").fill("co");
      await page.getByTestId("product-row").first().click();
    },
  },
  {
    name: "contacts-conflict",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, conflictCount: 6 });
      await page.keyboard.press("Alt+7");
      await page.getByTestId("contact-row").first().waitFor();
    },
  },
  { name: "history", reach: (page, settings) => history(page, { settings }) },
  { name: "history-offline", reach: (page, settings) => history(page, { settings, online: false }) },
  { name: "audit", reach: (page, settings) => audit(page, { settings }) },
  {
    name: "audit-none",
    reach: async (page, settings) => {
      await audit(page, { settings });
      await page.getByRole("searchbox").fill("rien de tel");
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "strategies",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings });
      await page.keyboard.press("Alt+6");
      await page.getByTestId("open-strategies").click();
      await page.getByTestId("strategies").waitFor();
      await page.getByTestId("strategy-product").getByRole("combobox").selectOption("merge");
    },
  },
];
