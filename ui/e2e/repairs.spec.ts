import { expect, test, type Page } from "@playwright/test";
import { atTill, CASHIER, MANAGER, set } from "./support/till";
import { REPAIRS, syncTab } from "./support/tour-health";

async function press(page: Page, testid: string): Promise<void> {
  await page.getByTestId(testid).focus();
  await page.keyboard.press("Enter");
}

test("one press mends the supplier that the hub does not know, and tells each thing in words", async ({
  page,
}) => {
  await syncTab(page, REPAIRS);
  await press(page, "repair");
  await expect(page.getByTestId("repair-progress")).toContainText(/27 éléments, étape \d\/5/);
  await expect(page.getByTestId("sync-now")).toBeDisabled();
  const result = page.getByTestId("repair-result");
  await expect(result).toContainText("27 éléments trouvés, 27 réparés. Il ne reste rien à voir.");
  await page.getByTestId("repair-run").first().click();
  const first = page.getByTestId("repair-line").first();
  await expect(first).toContainText("Spharma Guinée");
  await expect(first).toContainText("sans numéro du serveur");
  await expect(first).toContainText("part de nouveau");
  await press(page, "repair");
  await expect(result).toContainText("Rien à réparer");
});

test("a repair is stopped by the keyboard; what was mended stays", async ({ page }) => {
  await syncTab(page, REPAIRS, { holdAt: "match" });
  await press(page, "repair");
  await expect(page.getByTestId("repair-progress")).toContainText("étape 3/5");
  await press(page, "repair-stop");
  await expect(page.getByTestId("repair-result")).toContainText("Réparation arrêtée");
  await expect(page.getByTestId("repair-result")).toContainText("rien n’est effacé");
  await expect(page.getByTestId("repair")).toBeEnabled();
});

test("without the hub a repair says so, and what was kept", async ({ page }) => {
  await syncTab(page, REPAIRS, { online: false });
  await press(page, "repair");
  await expect(page.getByTestId("repair-result")).toContainText(/ne répond pas/);
  await expect(page.getByTestId("repair-result")).toContainText("rien n’est effacé");
});

test("what is left comes first, with what to do, and Enter leads there", async ({ page }) => {
  await syncTab(page, REPAIRS);
  const left = page.getByTestId("repair-left");
  await expect(left).toHaveCount(2);
  await expect(left.first()).toContainText("À faire : dire dans Conflits");
  await expect(left.first()).toContainText("Gardé :");
  await page.keyboard.press("ArrowDown");
  await expect(left.first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(left.nth(1)).toHaveAttribute("aria-current", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /Historique : Paiement/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: /Réparations/ }).click();
  await left.first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Conflits" })).toHaveAttribute("aria-selected", "true");
});

test("findings of one kind are chosen by the keyboard, go to the file alone, and Escape shows all again", async ({
  page,
}) => {
  await syncTab(page, REPAIRS);
  await expect(page.getByTestId("repair-left")).toHaveCount(2);
  const kind = page.getByRole("combobox", { name: "Genre de constat" });
  await kind.focus();
  await kind.selectOption({ label: "Quantité fausse" });
  await expect(page.getByTestId("repair-line")).toHaveCount(1);
  await expect(page.getByTestId("repair-line")).toContainText("les mouvements donnent");
  await expect(page.getByTestId("repair-left")).toHaveCount(0);
  await page.keyboard.press("Alt+e");
  await expect(page.getByText("1 ligne écrite dans")).toBeVisible();
  await kind.selectOption({ label: "Livres du serveur" });
  await expect(page.getByText("Rien de ce genre")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("repair-left")).toHaveCount(2);
});

test("repairs are filtered by run and by what is left, and written to a file", async ({ page }) => {
  await syncTab(page, REPAIRS);
  await expect(page.getByTestId("repair-line").first()).toBeVisible();
  await page.getByTestId("repair-run").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("repair-line")).toHaveCount(4);
  await expect(page.getByTestId("repair-left")).toHaveCount(0);
  await page.keyboard.press("Alt+e");
  await expect(page.getByText("4 lignes écrites dans")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("repair-left")).toHaveCount(2);
  await page.getByRole("button", { name: "À voir 2" }).click();
  await expect(page.getByTestId("repair-line")).toHaveCount(0);
  await page.keyboard.press("Alt+e");
  await expect(page.getByText("2 lignes écrites dans")).toBeVisible();
});

test("nothing was ever repaired: the tab says what does it and when", async ({ page }) => {
  await syncTab(page, REPAIRS, { repairLines: [], repairRuns: [] });
  await expect(page.getByText("Rien n’a eu besoin d’être réparé")).toBeVisible();
});

test("a repair shows on every screen: in words to a manager, discreetly to a cashier", async ({ page }) => {
  const repairing = { step: "pull", index: 2, steps: 5, found: 27, mended: 0, entity: "supplier" };
  await atTill(page, { signedIn: MANAGER, repairing });
  await expect(page.getByTestId("strip-repairing")).toContainText(
    "Réparation en cours : 27 éléments, étape 2/5",
  );
  await expect(page.getByTestId("strip-to-repair")).toContainText("2 à réparer");
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await press(page, "strip-to-repair");
  await expect(page.getByTestId("repair-left")).toHaveCount(2);
  await atTill(page, { signedIn: CASHIER, repairing });
  await expect(page.getByTestId("strip-repairing")).toHaveText("Réparation en cours");
  await expect(page.getByTestId("strip-to-repair")).toHaveCount(0);
});

test("what repaired itself meanwhile is told once, without taking the focus", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.evaluate(() => {
    const world = window.officineFake.world as { tell: (notice: unknown) => void };
    const progress = { step: "retry", index: 5, steps: 5, found: 3, mended: 3, entity: null };
    world.tell({ kind: "repairProgress", progress });
    world.tell({ kind: "repairProgress", progress: null });
  });
  await expect(page.getByRole("status").getByText("Réparation finie : 3 éléments réparés")).toBeVisible();
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await set(page, { repairing: null });
});
