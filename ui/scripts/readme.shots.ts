import { test, type Page } from "@playwright/test";
import { conflicts, look } from "../e2e/support/tour-conflicts";
import { REPAIRS, syncTab } from "../e2e/support/tour-health";

/** The pictures of the README: copy them to `docs/images`. */
const shoot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: `test-results/readme/${name}.png` });

const settings = { theme: "light" };

/** In the middle of a working day, whenever they are made. */
test.beforeEach(async ({ page }) => {
  const noon = new Date();
  noon.setHours(15, 42, 0, 0);
  await page.clock.install({ time: noon });
});

test("conflict", async ({ page }) => {
  await conflicts(page, { settings });
  await look(page, 1);
  for (const key of ["1", "ArrowDown", "2", "ArrowDown", "3"]) await page.keyboard.press(key);
  await page.keyboard.insertText("37 200");
  await shoot(page, "conflict");
});

test("history", async ({ page }) => {
  await conflicts(page, { settings });
  await look(page, 0);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await page.getByTestId("conflict-dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Alt+3");
  await page.getByRole("searchbox").fill("coartem");
  await page.getByTestId("product-row").first().click();
  await page.getByTestId("history-product").click();
  await page.getByTestId("log-line").first().waitFor();
  for (const toast of await page.locator(".toast button").all()) await toast.click();
  await shoot(page, "history");
});

test("repairs", async ({ page }) => {
  await syncTab(page, REPAIRS, { settings });
  await page.getByTestId("repair").click();
  await page.getByTestId("repair-result").waitFor();
  await page.getByTestId("repair-run").first().click();
  await page.getByTestId("repair-line").nth(5).waitFor();
  await shoot(page, "repairs");
});
