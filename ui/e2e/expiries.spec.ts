import { expect, test, type Page } from "@playwright/test";
import { atTill, COARTEM, MANAGER, open, scanProducts, set } from "./support/till";

const rows = (page: Page) => page.getByTestId("expiry-row");
const bands = (page: Page) => page.getByTestId("expiry-band");

async function expiries(page: Page, knobs: Record<string, unknown> = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+4");
  await expect(page.getByRole("heading", { name: "Périmés", level: 1 })).toBeVisible();
  if (!knobs.expiriesFail) await rows(page).first().waitFor();
}

test("the bands say how much expires when, and choose what the list shows", async ({ page }) => {
  await expiries(page);
  await expect(bands(page)).toHaveCount(5);
  await expect(bands(page).first()).toContainText("Périmés, à retirer");
  await expect(rows(page).first()).toContainText("Clamoxyl");
  await expect(rows(page).first()).toContainText("périmé depuis 20");
  await bands(page).nth(1).click();
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first()).toContainText("dernier jour");
  await page.keyboard.press("ArrowRight");
  await expect(rows(page).first()).toContainText("Coartem");
  await page.keyboard.press("Escape");
  await expect(bands(page).last()).toHaveAttribute("aria-selected", "true");
});

test("a lot is found by letters without accents and by supplier", async ({ page }) => {
  await expiries(page);
  await page.keyboard.type("diclofenac", { delay: 60 });
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "Fournisseur" }).selectOption("Laborex");
  await expect(rows(page).first()).toContainText("Laborex");
  await page.getByRole("searchbox").fill("rien de tel");
  await expect(page.getByText("Aucun lot trouvé")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(bands(page).last()).toContainText("8 lots");
});

test("the keyboard alone points at a lot, opens its product and comes back", async ({ page }) => {
  await expiries(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(rows(page).nth(2)).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("product-panel")).toContainText("Albendazole");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("product-panel")).toHaveCount(0);
  await expect(rows(page).nth(2)).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Alt+e");
  await expect(page.getByRole("status").filter({ hasText: "8 lignes écrites" })).toBeVisible();
});

test("the list is ordered as asked", async ({ page }) => {
  await expiries(page);
  await page.getByTitle(/Trier.*Produit/).click();
  await expect(rows(page).first()).toContainText("Albendazole");
  await page.getByTitle(/Trier.*Au coût/).click();
  await expect(rows(page).first()).toContainText("Amlodipine");
});

test("what lots had cost is for those who may see it", async ({ page }) => {
  await expiries(page);
  await expect(page.getByText("Au coût", { exact: true })).toBeVisible();
  await atTill(page);
  await page.keyboard.press("Alt+4");
  await rows(page).first().waitFor();
  await expect(page.getByText("Au coût", { exact: true })).toHaveCount(0);
  await expect(page.getByText("Au prix", { exact: true })).toBeVisible();
});

test("nothing to show and nothing read are said in words", async ({ page }) => {
  await expiries(page, { expiriesFail: true });
  await expect(page.getByRole("alert")).toBeVisible();
  await set(page, { expiriesFail: false });
  await page.getByRole("button", { name: "Réessayer" }).click();
  await rows(page).first().waitFor();
  await set(page, { products: [] });
  await page.evaluate(() =>
    (window.officineFake.world.tell as (notice: unknown) => void)({ kind: "changed", topics: ["stock"] }),
  );
  await expect(page.getByText("Rien ne périme")).toBeVisible();
});

test("the rail counts what is expired or soon, and the desktop is told once", async ({ page }) => {
  await open(page, { expiriesTold: false });
  const told = () =>
    page.evaluate(() => (window.officineFake.world.told as unknown[] | undefined)?.length ?? 0);
  await expect.poll(told).toBe(1);
  await atTill(page);
  await expect(page.getByLabel("4 lots périmés ou bientôt")).toHaveText("4");
});

test("the desktop is not told while a sale is being paid", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, COARTEM);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  const told = () =>
    page.evaluate(() => (window.officineFake.world.told as unknown[] | undefined)?.length ?? 0);
  await set(page, { expiriesTold: false });
  await page.evaluate(() =>
    (window.officineFake.world.tell as (notice: unknown) => void)({ kind: "changed", topics: ["stock"] }),
  );
  await page.waitForTimeout(1_500);
  expect(await told()).toBe(0);
  await page.keyboard.press("Escape");
  await expect.poll(told).toBe(1);
});

test("a manager sets the thresholds, in order", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+6");
  await page.getByLabel("Seuils de Périmés").fill("15, 45");
  await page.getByRole("button", { name: "Enregistrer les réglages" }).click();
  await page.keyboard.press("Alt+4");
  await expect(bands(page)).toHaveCount(4);
  await expect(bands(page).nth(2)).toContainText("16 à 45 jours");
});
