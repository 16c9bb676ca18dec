import { expect, type Page } from "@playwright/test";
import { atTill, MANAGER, type Knobs } from "./till";
import type { View } from "./tour";

async function synchro(page: Page, settings: Knobs, knobs: Knobs = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, settings, ...knobs });
  await page.keyboard.press("Alt+5");
}

async function toSettle(page: Page, knobs: Knobs): Promise<void> {
  await atTill(page, knobs);
  await page.keyboard.press("Alt+2");
  await page.getByRole("tab").nth(1).click();
  await page.getByTestId("settle-panel").waitFor();
}

/** One operation in every state. */
const QUEUE = ["waiting", "sent", "deferred", "blocked", "rejected"].map((state, index) => ({
  seq: 5_000 + index,
  entity: ["sale", "sale", "productBatch", "product", "sale"][index],
  action: index === 3 ? "update" : "create",
  label: [
    "Ticket 2-004 312",
    "Ticket 2-004 311",
    "Artésunate inj. 60 mg · lot AS6114",
    "Furosémide 40 mg comprimé, boîte de 30",
    "Ticket 2-004 309",
  ][index],
  amount: [12_500, 1_284_000, null, null, 64_000][index],
  occurredAt: Date.now() - index * 3_000_000,
  state,
  attempts: index,
  nextAttempt: index === 2 ? Date.now() + 90_000 : null,
  problem: [
    null,
    null,
    { code: "reference_missing", params: { entity: "supplier", uid: "0198c1f2" } },
    { code: "conflict", params: { fields: "units" } },
    { code: "stock_insufficient", params: { product: "Insuline Mixtard 30", asked: 2, available: 0 } },
  ][index],
}));

/** What became of tickets, and Synchronisation in its states. */
export const SYNC_VIEWS: View[] = [
  { name: "to-settle", reach: (page, settings) => toSettle(page, { signedIn: MANAGER, settings }) },
  { name: "to-settle-cashier", reach: (page, settings) => toSettle(page, { settings }) },
  {
    name: "to-settle-keep",
    reach: async (page, settings) => {
      await toSettle(page, { signedIn: MANAGER, settings });
      await page.keyboard.press("2");
      await page.getByTestId("settle-dialog").waitFor();
      await page.keyboard.type("Le client est parti", { delay: 70 });
    },
  },
  {
    name: "to-settle-empty",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, sales: [] });
      await page.keyboard.press("Alt+2");
      await page.getByRole("tab").nth(1).click();
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "sync-queue",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, queue: QUEUE });
      await page.keyboard.press("Alt+5");
      await page.getByTestId("queue-row").nth(4).waitFor();
      await page.keyboard.press("ArrowDown");
    },
  },
  {
    name: "sync-queue-empty",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, queue: [] });
      await page.keyboard.press("Alt+5");
      await page.locator(".empty").waitFor();
    },
  },
  {
    name: "sync-refreshing",
    reach: async (page, settings) => {
      await synchro(page, settings, { holdAt: "walk" });
      await page.getByTestId("refresh-data").click();
      await page.getByText(/84.210/).waitFor();
    },
  },
  {
    name: "sync-stopped",
    reach: async (page, settings) => {
      await synchro(page, settings);
      await page.getByTestId("sync-now").click();
      await page.getByTestId("sync-stop").click();
      await page.locator("[data-problem=sync_cancelled]").waitFor();
    },
  },
  {
    name: "sync",
    reach: async (page, settings) => {
      await synchro(page, settings);
      await page.getByTestId("sync-now").click();
      await page.getByTestId("sync-result").waitFor();
    },
  },
  {
    name: "sync-running",
    reach: async (page, settings) => {
      await synchro(page, settings, { holdAt: "pull" });
      await page.getByTestId("sync-now").click();
      await expect(page.getByTestId("sync-now")).toBeDisabled();
    },
  },
  {
    name: "sync-journal",
    reach: async (page, settings) => {
      await synchro(page, settings);
      await page.getByRole("tab").nth(4).click();
      await page.getByRole("cell").first().waitFor();
    },
  },
  {
    name: "sync-diagnostic",
    reach: async (page, settings) => {
      await synchro(page, settings);
      await page.getByRole("tab").nth(5).click();
      await page.getByRole("cell").first().waitFor();
    },
  },
  {
    name: "sync-offline",
    reach: async (page, settings) => {
      await atTill(page, { signedIn: MANAGER, settings, online: false });
      await page.keyboard.press("Alt+5");
      await page.getByRole("tab").nth(5).click();
      await page.getByRole("cell").first().waitFor();
    },
  },
];
