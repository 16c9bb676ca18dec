import { expect, type Page } from "@playwright/test";
import { CONFLICT_VIEWS } from "./tour-conflicts";
import { HEALTH_VIEWS } from "./tour-health";
import { SAFETY_VIEWS } from "./tour-safety";
import { SYNC_VIEWS } from "./tour-sync";
import {
  AMOXICILLINE,
  atTill,
  codeOf,
  COARTEM,
  DOLIPRANE,
  MANAGER,
  open,
  scan,
  scanProducts,
  ZINC,
  type Knobs,
} from "./till";

/** One view of the window and how to reach it. */
export interface View {
  name: string;
  reach: (page: Page, settings: Knobs) => Promise<void>;
}

async function cart(page: Page, settings: Knobs, knobs: Knobs = {}): Promise<void> {
  await atTill(page, { settings, ...knobs });
  await scanProducts(page, DOLIPRANE, COARTEM, 2, ZINC, 5);
  await expect(page.getByTestId("cart-line")).toHaveCount(5);
}

async function manager(page: Page, settings: Knobs, key: string): Promise<void> {
  await atTill(page, { signedIn: MANAGER, settings });
  await page.keyboard.press(key);
}

async function three(page: Page): Promise<void> {
  await page.keyboard.press("F2");
  await page.keyboard.type("3", { delay: 70 });
  await page.keyboard.press("Enter");
}

/** Every screen and the states worth looking at. */
export const VIEWS: View[] = [
  { name: "enrolment", reach: (page, settings) => open(page, { enrolled: false, settings }) },
  { name: "first-owner", reach: (page, settings) => open(page, { needsOwner: true, people: [], settings }) },
  {
    name: "store-problem",
    reach: (page, settings) =>
      open(page, {
        settings,
        startProblem: { code: "store_unreadable", params: { path: "/data/officine.db" } },
      }),
  },
  {
    name: "door",
    reach: async (page, settings) => {
      await open(page, { settings });
      await page.keyboard.press("1");
      await page.keyboard.type("9999", { delay: 60 });
      await page.keyboard.press("Enter");
      await page.getByText(/encore 4 essais/).waitFor();
      await page.keyboard.type("11", { delay: 60 });
    },
  },
  { name: "sale-empty", reach: (page, settings) => atTill(page, { settings }) },
  {
    name: "sale",
    reach: async (page, settings) => {
      await cart(page, settings);
      await scan(page, `010${await codeOf(page, AMOXICILLINE)}107G214`);
      await page.getByTestId("nudge").waitFor();
    },
  },
  {
    name: "sale-search",
    reach: async (page, settings) => {
      await cart(page, settings);
      await page.keyboard.type("3*amo", { delay: 70 });
      await page.getByTestId("search-hit").first().waitFor();
    },
  },
  {
    name: "sale-short",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await scanProducts(page, COARTEM);
      await page.keyboard.press("F2");
      await page.keyboard.type("5", { delay: 70 });
      await page.keyboard.press("Enter");
      await page.getByTestId("nudge").waitFor();
      await scan(page, "6133456000125");
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "sale-quantity",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await scanProducts(page, ZINC);
      await page.getByTestId("cart-line").waitFor();
      await page.keyboard.press("F2");
    },
  },
  {
    name: "sale-lot",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await scanProducts(page, AMOXICILLINE);
      await page.getByTestId("cart-line").waitFor();
      await page.keyboard.press("F6");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("ArrowDown");
    },
  },
  {
    name: "sale-pay",
    reach: async (page, settings) => {
      await cart(page, settings);
      await page.keyboard.press("Enter");
      await page.keyboard.type("200000", { delay: 70 });
    },
  },
  {
    name: "sale-done",
    reach: async (page, settings) => {
      await cart(page, settings, { online: false });
      await page.keyboard.press("Enter");
      await page.keyboard.type("200000", { delay: 70 });
      await page.keyboard.press("Enter");
      await page.getByTestId("receipt").waitFor();
    },
  },
  {
    name: "sale-refused",
    reach: async (page, settings) => {
      await atTill(page, { settings, refuseNext: 1, verdictAfter: 200 });
      await scanProducts(page, COARTEM);
      await three(page);
      await scanProducts(page, DOLIPRANE, ZINC);
      await expect(page.getByTestId("cart-line")).toHaveCount(3);
      await page.keyboard.press("F12");
      await page.getByTestId("nudge").waitFor();
    },
  },
  {
    name: "sale-held",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await page.keyboard.press("F9");
      await page.getByTestId("held-ticket").first().waitFor();
    },
  },
  {
    name: "help",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await page.keyboard.press("F1");
    },
  },
  {
    name: "sales",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+2");
      await page.getByTestId("sale-row").nth(2).click();
    },
  },
  {
    name: "sale-paper-waits",
    reach: async (page, settings) => {
      await atTill(page, { settings, paperWaits: true, verdictAfter: -1 });
      await scanProducts(page, DOLIPRANE, ZINC);
      await expect(page.getByTestId("cart-line")).toHaveCount(2);
      await page.keyboard.press("F12");
      await page.getByTestId("paper-waits").waitFor();
    },
  },
  {
    name: "products",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+3");
      await page.getByRole("searchbox").fill("zinc");
      await page.getByTestId("product-row").first().click();
      await page.getByRole("searchbox").fill("");
      await page.getByTestId("product-row").nth(5).waitFor();
    },
  },
  {
    name: "import",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+3");
      await page.getByRole("button", { name: /catalogue/ }).click();
      await page.getByTestId("import-path").fill("/media/usb/catalogue-euro-erreurs.csv");
      await page.getByTestId("import-check").click();
      await page.getByTestId("import-report").waitFor();
    },
  },
  {
    name: "import-running",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+3");
      await page.getByRole("button", { name: /catalogue/ }).click();
      await page.getByTestId("import-path").fill("/media/usb/catalogue.csv");
      await page.getByTestId("import-check").click();
      await page.getByTestId("import-run").click();
      await page.getByRole("progressbar").waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: "expiries",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+4");
      await page.getByTestId("expiry-row").nth(3).waitFor();
      await page.keyboard.press("ArrowDown");
    },
  },
  {
    name: "expiries-cashier",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await page.keyboard.press("Alt+4");
      await page.getByTestId("expiry-row").nth(3).waitFor();
    },
  },
  {
    name: "expiries-product",
    reach: async (page, settings) => {
      await manager(page, settings, "Alt+4");
      await page.getByTestId("expiry-row").nth(3).waitFor();
      await page.keyboard.press("Enter");
      await page.getByTestId("product-panel").waitFor();
    },
  },
  { name: "settings", reach: (page, settings) => manager(page, settings, "Alt+6") },
  {
    name: "settings-cashier",
    reach: async (page, settings) => {
      await atTill(page, { settings });
      await page.keyboard.press("Alt+6");
    },
  },
  ...SYNC_VIEWS,
  ...HEALTH_VIEWS,
  ...SAFETY_VIEWS,
  ...CONFLICT_VIEWS,
];
