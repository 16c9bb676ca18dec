import { expect, test, type Page } from "@playwright/test";
import { scan, set } from "./support/till";
import { conflicts, joining, look } from "./support/tour-conflicts";

const rows = (page: Page) => page.getByTestId("conflict-row");
const dialog = (page: Page) => page.getByTestId("join-dialog");
const side = (page: Page, at: number) => page.getByTestId("join-side").nth(at);
const becomes = (page: Page) => page.getByTestId("join-preview");

test("two customers are one: what passes is said before, and one key at a time makes them one", async ({
  page,
}) => {
  await conflicts(page);
  await look(page, 4);
  await page.keyboard.press("r");
  await expect(side(page, 0)).toContainText("Mariama Kaba Diallo");
  await expect(side(page, 0)).toContainText("Ici, Caisse 2");
  await expect(side(page, 1)).toContainText(/Créée le .* à/);
  await expect(page.getByTestId("join-go")).toBeDisabled();
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("1");
  await expect(becomes(page)).toContainText("31 tickets et 6 paiements de crédit passeront");
  await page.keyboard.press("ArrowRight");
  await expect(side(page, 1)).toBeFocused();
  await expect(side(page, 1)).toContainText("reste");
  await expect(becomes(page)).toContainText(
    "2 tickets et 1 paiement de crédit passeront à « Mariama Kaba ».",
  );
  await expect(becomes(page)).toContainText("« Mariama Kaba Diallo » reste dans l’historique");
  await expect(becomes(page).getByRole("alert")).toContainText("Les tickets qui passent ne reviendront pas");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Fiches réunies : Mariama Kaba")).toBeVisible();
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await page.locator("[data-state=settled]").click();
  await expect(page.getByTestId("conflict-dialog")).toContainText("elles sont réunies");
  await expect(page.getByText(/L’autre fiche revient/)).toBeVisible();
  await page.getByTestId("conflict-undo").click();
  await expect(page.getByText(/Deux fiches de nouveau/)).toBeVisible();
  await page.locator("[data-state=settled]").click();
  await expect(page.getByTestId("conflict-undo")).toHaveCount(0);
});

test("who leans on Enter in the list opens the twins, and decides nothing", async ({ page }) => {
  await conflicts(page);
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowDown");
  for (let held = 0; held < 5; held += 1) await page.keyboard.down("Enter");
  await expect(page.getByTestId("conflict-dialog")).toBeVisible();
  for (let held = 0; held < 20; held += 1) await page.keyboard.down("Enter");
  await expect(page.getByTestId("conflict-dialog")).toHaveAttribute("data-state", "open");
  await page.keyboard.up("Enter");
  await expect(rows(page)).toHaveCount(6);
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(5);
});

test("of several products the right one is chosen first; the boxes of both are then on its shelf", async ({
  page,
}) => {
  await joining(page);
  await expect(dialog(page)).toContainText("Laquelle est la même que « Doliprane 1 g »");
  await expect(page.getByTestId("join-side")).toHaveCount(3);
  await expect(side(page, 2)).toContainText("archivée");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("join-side")).toHaveCount(2);
  await page.keyboard.press("2");
  await expect(becomes(page)).toContainText("2 lots, 1 ligne de commande et 12 lignes de tickets passeront");
  await expect(becomes(page)).toContainText("45 + 9 = 54");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Fiches réunies : Doliprane 1000 mg")).toBeVisible();
  await page.keyboard.press("Alt+3");
  const shelf = page.getByTestId("product-row");
  await expect(shelf.filter({ hasText: "Doliprane 1 g" })).toHaveCount(0);
  await expect(shelf.filter({ hasText: /Doliprane 1000 mg(?!,)/ }).first()).toContainText("54");
});

test("products sold by other units are not made one: what to do first is said, and nothing confirms", async ({
  page,
}) => {
  await joining(page);
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await page.keyboard.press("1");
  await expect(becomes(page).getByRole("alert")).toContainText("Corriger les unités");
  await expect(page.getByTestId("join-go")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("join-side")).toHaveCount(3);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("conflict-dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(rows(page)).toHaveCount(7);
});

test("an archived record does not stay; the other one may", async ({ page }) => {
  await joining(page);
  await page.keyboard.press("3");
  await page.keyboard.press("Enter");
  await page.keyboard.press("2");
  await expect(becomes(page).getByRole("alert")).toContainText("Garder l’autre fiche");
  await page.keyboard.press("ArrowLeft");
  await expect(becomes(page)).toContainText("passeront à « Doliprane 1 g »");
  await expect(page.getByTestId("join-go")).toBeEnabled();
});

test("the Enter that ends a scan merges nothing", async ({ page }) => {
  await conflicts(page);
  await look(page, 4);
  await page.keyboard.press("r");
  await page.keyboard.press("2");
  await expect(page.getByTestId("join-go")).toBeEnabled();
  await scan(page, "3400930000345");
  await expect(dialog(page)).toBeVisible();
});

test("of two managers the first stands, and the one who merges sees the decision", async ({ page }) => {
  await conflicts(page, { settledFirst: "Hawa Baldé" });
  await look(page, 4);
  await page.keyboard.press("r");
  await page.keyboard.press("2");
  await expect(page.getByTestId("join-go")).toBeEnabled();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("conflict-dialog")).toContainText("Résolu par Hawa Baldé");
  await expect(dialog(page)).toHaveCount(0);
});

test("without a network two are made one here, and it says that it waits", async ({ page }) => {
  await conflicts(page);
  await set(page, { online: false });
  await look(page, 4);
  for (const key of ["r", "2"]) await page.keyboard.press(key);
  await expect(page.getByTestId("join-go")).toBeEnabled();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Résolu ici, part au prochain échange/)).toBeVisible();
});
