import { expect, test, type Page } from "@playwright/test";
import { conflicts, look } from "./support/tour-conflicts";
import { atTill, CASHIER, MANAGER, set } from "./support/till";

const rows = (page: Page) => page.getByTestId("conflict-row");
const dialog = (page: Page) => page.getByTestId("conflict-dialog");
const field = (page: Page, at: number) => page.getByTestId("conflict-field").nth(at);

test("two conflicts arrive: the manager is told, goes there, picks a price by keyboard, and the shelf has it", async ({
  page,
}) => {
  await atTill(page, { signedIn: MANAGER });
  await page.evaluate(() => window.officineFake.conflictsArrive(2));
  await expect(page.getByRole("status").getByText("2 conflits à résoudre")).toBeVisible();
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await page.keyboard.press("Alt+c");
  await expect(rows(page)).toHaveCount(2);
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toContainText("45 000 GNF");
  await expect(page.getByTestId("pick-hub")).toContainText("en vigueur");
  await page.keyboard.press("Enter");
  await expect(field(page, 0).getByRole("alert")).toHaveText("À choisir");
  await page.keyboard.press("1");
  await expect(page.getByTestId("pick-till")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByTestId("strip-conflicts")).toContainText("1");
  await page.keyboard.press("Alt+3");
  await expect(page.getByTestId("product-row").filter({ hasText: "Coartem" })).toContainText("48 500");
});

test("several fields by arrows; a value typed wrong is said in place, by the window or by the engine", async ({
  page,
}) => {
  await conflicts(page);
  await look(page, 1);
  await page.keyboard.press("ArrowRight");
  await expect(field(page, 0).getByTestId("pick-hub")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await expect(field(page, 1).getByTestId("pick-till")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("3");
  await page.keyboard.type("37 mille");
  await page.keyboard.press("Enter");
  await expect(field(page, 2).getByRole("alert")).toContainText("Pas un montant");
  await expect(field(page, 2).getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("999999999");
  await page.keyboard.press("Enter");
  await expect(field(page, 2).getByRole("alert")).toContainText("Champ refusé");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("37 200");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByText("Résolu : Coartem 20/120 mg, lot X2217")).toBeVisible();
});

test("a third supplier is found by a few letters, taken by Enter, and what names nothing is said in place", async ({
  page,
}) => {
  await conflicts(page);
  await look(page, 5);
  await page.keyboard.press("1");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("3");
  await page.keyboard.type("inconnu");
  await expect(page.getByTestId("rows-found")).toHaveText("Aucune fiche de ce nom.");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("i");
  await expect(page.getByTestId("rows-found").getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("rows-found")).toHaveCount(0);
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("gui");
  await expect(page.getByRole("option")).toHaveText([/Pharmacie centrale/, /Spharma/]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(field(page, 1).getByRole("combobox")).toHaveValue("Pharmacie centrale de Guinée");
  await page.keyboard.press("ArrowDown");
  await expect(field(page, 2)).toContainText("pas d’autre valeur");
  await page.keyboard.press("2");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await page.locator("[data-state=settled]").click();
  await expect(field(page, 1).locator(".picked")).toHaveText("Pharmacie centrale de Guinée");
});

test("a name that was not taken from the list is no supplier", async ({ page }) => {
  await conflicts(page);
  await look(page, 5);
  for (const key of ["1", "ArrowDown", "ArrowDown", "1", "ArrowUp", "3"]) await page.keyboard.press(key);
  await page.keyboard.type("labo");
  await expect(page.getByRole("option")).toHaveText([/Laborex/]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(field(page, 1).getByRole("alert")).toHaveText("Choisir une fiche de la liste.");
});

test("a month typed for a day says which day it is", async ({ page }) => {
  await conflicts(page);
  await look(page, 1);
  await page.keyboard.press("3");
  await page.keyboard.type("02/2028");
  await expect(field(page, 0)).toContainText("29/02/2028");
});

test("Escape leaves everything as it was, and one key takes all of one side", async ({ page }) => {
  await conflicts(page);
  await look(page, 2);
  await page.keyboard.press("s");
  for (const at of [0, 1])
    await expect(field(page, at).getByTestId("pick-hub")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(6);
  await look(page, 0);
  await page.keyboard.press("c");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(5);
});

test("what is in force since is said beside what the server had", async ({ page }) => {
  await conflicts(page);
  await look(page, 1);
  await expect(field(page, 2)).toContainText("En vigueur : 36 800 GNF");
  await expect(field(page, 2).getByTestId("pick-hub")).not.toContainText("en vigueur");
});

test("a possible duplicate is told apart, never merged behind anybody's back", async ({ page }) => {
  await conflicts(page);
  await look(page, 4);
  await expect(dialog(page)).toContainText("Mariama Kaba Diallo");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Résolu : Mariama Kaba")).toBeVisible();
  await expect(rows(page)).toHaveCount(5);
});

test("the list is filtered by what it is about, and keeps what was resolved", async ({ page }) => {
  await conflicts(page);
  await page.getByRole("button", { name: "Lots 1" }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: /^Tous 6/ }).focus();
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(6);
  await look(page, 1);
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await expect(rows(page)).toHaveCount(6);
  await expect(rows(page).last()).toHaveAttribute("data-state", "settled");
});

test("a resolution is taken back by a new edit, once", async ({ page }) => {
  await conflicts(page);
  await look(page, 0);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await page.locator("[data-state=settled]").click();
  await expect(dialog(page)).toContainText("Résolu par Mamadou Saliou Diallo");
  await page.getByTestId("conflict-undo").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Valeurs d’avant remises")).toBeVisible();
  await page.locator("[data-state=settled]").click();
  await expect(page.getByTestId("conflict-undo")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+3");
  await expect(page.getByTestId("product-row").filter({ hasText: "Coartem" })).toContainText("47 000");
});

test("of two managers the first stands, and the other sees the decision", async ({ page }) => {
  await conflicts(page, { settledFirst: "Hawa Baldé" });
  await look(page, 0);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toContainText("déjà résolu");
  await expect(dialog(page)).toContainText("Résolu par Hawa Baldé");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(5);
});

test("without a network a decision is kept and says that it waits", async ({ page }) => {
  await conflicts(page, { online: false });
  await look(page, 0);
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Résolu ici, part au prochain échange/)).toBeVisible();
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await page.locator("[data-state=sent]").click();
  await expect(dialog(page)).toContainText("Résolu ici, en attente d’envoi");
  await expect(page.getByTestId("conflict-undo")).toHaveCount(0);
});

test("five thousand are painted by the screenful, scrolled through, and resolved together", async ({
  page,
}) => {
  await conflicts(page, { conflictCount: 5_000, bulkPause: 150 });
  expect(await rows(page).count()).toBeLessThan(60);
  for (let step = 0; step < 30; step += 1) await page.keyboard.press("PageDown");
  await expect(
    rows(page)
      .filter({ hasText: /n° [23]\d\d/ })
      .first(),
  ).toBeVisible();
  await page.keyboard.press("Alt+t");
  await expect(page.getByTestId("resolve-all-go")).toBeDisabled();
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("progressbar", { name: "Résolution des conflits" })).toBeVisible();
  await expect(page.getByText("4 999 conflits résolus, 1 à voir un par un")).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("Peut-être la même fiche");
});

test("resolving five thousand is stopped, and says what is done and what waits", async ({ page }) => {
  await conflicts(page, { conflictCount: 5_000, bulkPause: 2_000 });
  await page.keyboard.press("Alt+t");
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/\d00 résolus sur 4.999/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText(/conflits résolus, arrêté\s: \d.\d00 attendent encore/)).toBeVisible();
  await expect(page.getByTestId("resolve-all")).toHaveCount(0);
  await expect(rows(page).first()).toHaveAttribute("data-state", "open");
});

test("all of one kind are resolved, the others wait", async ({ page }) => {
  await conflicts(page);
  await page.getByRole("button", { name: "Produits 3" }).click();
  await expect(rows(page)).toHaveCount(3);
  await page.keyboard.press("Alt+t");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByText("3 conflits résolus")).toBeVisible();
  await expect(page.getByTestId("strip-conflicts")).toContainText("3");
});

test("the strip leads to the conflicts; who may not resolve them is not bothered", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER, conflictCount: 6 });
  await page.getByTestId("strip-conflicts").focus();
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(6);
  await atTill(page, { signedIn: CASHIER });
  await page.evaluate(() => window.officineFake.conflictsArrive(2));
  await page.keyboard.press("Alt+5");
  await expect(page.getByTestId("queue-row").first()).toBeVisible();
  await expect(page.getByRole("tab", { name: "Conflits" })).toHaveCount(0);
  await expect(page.getByText("conflits à résoudre")).toHaveCount(0);
});

test("a row with a conflict is marked until it is resolved", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER, conflictCount: 2 });
  await page.keyboard.press("Alt+3");
  const coartem = page.getByTestId("product-row").filter({ hasText: "Coartem" });
  await expect(coartem.getByTestId("conflict-mark")).toBeVisible();
  await coartem.click();
  await expect(page.getByTestId("product-panel").getByTestId("conflict-mark")).toHaveCount(2);
  await set(page, { conflicts: [] });
  await page.evaluate(() =>
    (window.officineFake.world.tell as (notice: unknown) => void)({ kind: "changed", topics: ["conflicts"] }),
  );
  await expect(page.getByTestId("conflict-mark")).toHaveCount(0);
});
