import { expect, test, type Page } from "@playwright/test";
import { atTill, CASHIER, DOLIPRANE, MANAGER, scanProducts, write } from "./support/till";
import { backup, damaged, troubled } from "./support/tour-safety";

const restored = (page: Page): Promise<unknown> => page.evaluate(() => window.officineFake.world.restored);

test("a backup is made by one key, and the list says which are good", async ({ page }) => {
  await backup(page);
  await expect(page.getByTestId("backup-sentence")).toContainText(/Dernière sauvegarde il y a 3 h, vérifiée/);
  await expect(page.getByTestId("backup-row")).toHaveCount(7);
  await expect(page.getByTestId("backup-row").nth(4)).toContainText("Inutilisable");
  await expect(page.getByTestId("backup-row").nth(4).getByRole("button")).toHaveCount(0);
  await page.keyboard.press("Alt+s");
  await expect(page.getByTestId("backup-sentence")).toContainText("Sauvegarde en cours");
  await expect(page.getByTestId("back-up")).toBeDisabled();
  await expect(page.getByTestId("backup-row")).toHaveCount(8);
  await expect(page.getByRole("status").getByText("Sauvegarde faite et vérifiée")).toBeVisible();
});

test("a backup that fails says why, what was kept and what to press", async ({ page }) => {
  await backup(page, { backupFails: true });
  await page.keyboard.press("Alt+s");
  await expect(page.getByTestId("backup-problem")).toContainText("Les sauvegardes d’avant restent");
  await expect(page.getByTestId("back-up")).toBeEnabled();
});

test("where and how many is set at once, a wrong number beside its field", async ({ page }) => {
  await backup(page);
  await expect(page.getByText("Une clé USB est plus sûre")).toBeVisible();
  await page.getByRole("button", { name: "Utiliser SAUVE-B" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("backup-folder")).toHaveText("/media/usb/SAUVE-B");
  await expect(page.getByText("Une clé USB est plus sûre")).toHaveCount(0);
  await page.getByTestId("backup-keep").fill("120");
  await page.keyboard.press("Tab");
  await expect(page.getByText("La quantité va de 1 à 90")).toBeVisible();
  await page.getByTestId("backup-keep").fill("30");
  await page.keyboard.press("Tab");
  await expect(page.getByText("La quantité va de 1 à 90")).toHaveCount(0);
});

test("restoring says what is kept, asks for a word, and ends at the door", async ({ page }) => {
  await backup(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const dialog = page.getByTestId("restore-dialog");
  await expect(dialog).toContainText("gardé à côté");
  await expect(dialog).toContainText("pas encore au serveur est repris");
  await expect(page.getByTestId("restore-word")).toBeFocused();
  await page.keyboard.press("Enter");
  expect(await restored(page)).toBeUndefined();
  await expect(page.getByTestId("restore-do")).toBeDisabled();
  await write(page, "restaurer");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Code", exact: false }).first()).toBeVisible();
  await expect(page.getByTestId("restore-dialog")).toHaveCount(0);
  expect(await restored(page)).toContain("officine-caisse2");
});

test("Escape leaves everything as it is; a file from elsewhere can be restored too", async ({ page }) => {
  await backup(page);
  await page.getByTestId("restore-other").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("restore-dialog")).toContainText("/media/usb/SAUVE-B");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("restore-dialog")).toHaveCount(0);
  expect(await restored(page)).toBeUndefined();
});

test("Réglages leads to backups and to the repair; a cashier has neither", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+6");
  await page.getByTestId("settings-backup").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("backup-sentence")).toBeVisible();
  await page.keyboard.press("Alt+6");
  await page.getByTestId("settings-repair").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("repair-result")).toContainText("27 éléments trouvés");
  await atTill(page, { signedIn: CASHIER });
  await page.keyboard.press("Alt+6");
  await expect(page.getByTestId("settings-backup")).toHaveCount(0);
  await expect(page.getByTestId("settings-repair")).toHaveCount(0);
});

test("a damaged file is salvaged at the door by the keyboard: what is saved, what is read again", async ({
  page,
}) => {
  await damaged(page);
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("salvage-offer")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("salvage")).toContainText("que le serveur n’a pas encore");
  await expect(page.getByTestId("salvage-do")).toBeFocused();
  await page.keyboard.press("Enter");
  const report = page.getByTestId("salvage-report");
  await expect(report).toContainText("7");
  await expect(page.getByTestId("salvage")).toContainText("officine.damaged");
  await expect(page.getByTestId("salvage")).toContainText("revient du serveur");
  await expect(page.getByTestId("salvage-go")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Mamadou Saliou Diallo").first()).toBeVisible();
});

test("what could not be read is said first, and how to make it good", async ({ page }) => {
  await damaged(page, { salvageLoses: 2 });
  await page.getByTestId("salvage-offer").click();
  await page.getByTestId("salvage-do").click();
  await expect(page.getByRole("alert")).toContainText("Opérations illisibles : 2");
  await expect(page.getByRole("alert")).toContainText("reçus papier");
});

test("a salvage that fails changes nothing and can be tried again", async ({ page }) => {
  await damaged(page, { salvageFails: true });
  await page.getByTestId("salvage-offer").click();
  await page.getByTestId("salvage-do").click();
  await expect(page.getByRole("alert")).toContainText("ni changé ni effacé");
  await expect(page.getByTestId("salvage-do")).toBeEnabled();
});

test("a start that fails for another reason offers no salvage", async ({ page }) => {
  await damaged(page, { startProblem: { code: "store_busy", params: {} } });
  await expect(page.getByRole("button", { name: "Réessayer" })).toBeFocused();
  await expect(page.getByTestId("salvage-offer")).toHaveCount(0);
});

test("a file found damaged while selling is salvaged from there: the ticket can be finished first", async ({
  page,
}) => {
  await troubled(page);
  await expect(page.getByTestId("trouble")).toContainText("Finir le ticket en cours");
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.getByTestId("salvage-offer").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("salvage-do")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("salvage")).toHaveCount(0);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.getByTestId("salvage-offer").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("salvage-report")).toContainText("7");
  await expect(page.getByTestId("salvage-go")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Mamadou Saliou Diallo").first()).toBeVisible();
  await expect(page.getByTestId("trouble")).toHaveCount(0);
});

test("a full disk is no damage: nothing is salvaged", async ({ page }) => {
  await troubled(page, {}, "disk_full");
  await expect(page.getByTestId("trouble")).toBeVisible();
  await expect(page.getByTestId("salvage-offer")).toHaveCount(0);
});

test("a backup that is not whole says where, and what to press, and puts nothing back", async ({ page }) => {
  await backup(page);
  const whole = page.getByTestId("backup-row").nth(4);
  await expect(whole).toContainText("Inutilisable");
  await expect(page.getByText(/n’est pas entière \(page 4 112\)/)).toBeVisible();
});
