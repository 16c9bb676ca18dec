import { test } from "@playwright/test";
import { HEALTH_VIEWS } from "../e2e/support/tour-health";
import { SAFETY_VIEWS } from "../e2e/support/tour-safety";
import { VIEWS } from "../e2e/support/tour";

const FOLDER = "test-results/shots";

for (const theme of ["light", "dark"]) {
  for (const view of VIEWS) {
    test(`${view.name}-${theme}`, async ({ page }) => {
      await view.reach(page, { theme });
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: `${FOLDER}/${view.name}-${theme}.png` });
    });
  }
}

for (const name of ["sale", "door", "sale-pay"]) {
  test(`${name}-1920`, async ({ page }) => {
    await page.setViewportSize({ width: 1920, height: 1080 });
    await VIEWS.find((view) => view.name === name)?.reach(page, { theme: "light" });
    await page.screenshot({ path: `${FOLDER}/${name}-1920.png` });
  });
}

for (const name of [
  "door",
  "sale-refused",
  "sale-done",
  "sales",
  "products",
  "expiries",
  "import",
  "sync",
  "settings",
  "help",
  "conflicts",
  "conflict-several",
  "conflict-deleted",
  "conflict-twin",
  "join-which",
  "join-preview",
  "join-units-differ",
  "conflicts-together",
  "history",
  "audit",
  "strategies",
  ...[...HEALTH_VIEWS, ...SAFETY_VIEWS].map((view) => view.name),
]) {
  test(`${name}-english`, async ({ page }) => {
    await VIEWS.find((view) => view.name === name)?.reach(page, { theme: "light" });
    await page.keyboard.press("Alt+l");
    await page.screenshot({ path: `${FOLDER}/${name}-english.png` });
  });
}

/** The narrowest screen that a till may have. */
for (const view of VIEWS) {
  test(`${view.name}-1024`, async ({ page }) => {
    await page.setViewportSize({ width: 1024, height: 768 });
    await view.reach(page, { theme: "light" });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${FOLDER}/${view.name}-1024.png` });
  });
}

test("sale-refused-696", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 696 });
  await VIEWS.find((view) => view.name === "sale-refused")?.reach(page, { theme: "light" });
  await page.screenshot({ path: `${FOLDER}/sale-refused-696.png` });
});
