import { expect, test, type Page } from "@playwright/test";
import { conflicts, look } from "./support/tour-conflicts";
import { atTill, CASHIER, MANAGER, write } from "./support/till";

const lines = (page: Page) => page.getByTestId("log-line");

async function coartem(page: Page, knobs: Record<string, unknown> = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, conflictCount: 2, ...knobs });
  await page.keyboard.press("Alt+3");
  await write(page, "coartem");
  await expect(page.getByTestId("product-panel")).toContainText("Coartem");
}

async function audit(page: Page, knobs: Record<string, unknown> = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+8");
  await lines(page).first().waitFor();
}

test("a product's history tells who changed what, where, from what to what, repairs included", async ({
  page,
}) => {
  await coartem(page);
  await page.getByTestId("history-product").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Historique : Coartem 20/120 mg" })).toBeVisible();
  await expect(page.getByTestId("log-source")).toHaveText("Source : serveur");
  await expect(lines(page).first()).toContainText("Aïssatou Bah");
  await expect(lines(page).first()).toContainText("48 500 GNF");
  await expect(lines(page).first()).toContainText("Conflit");
  await expect(page.locator("[data-kind=repair]")).toContainText("identifiant du serveur posé");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("product-panel")).toContainText("Coartem");
  await expect(page.getByRole("searchbox")).toHaveValue("coartem");
});

test("a lot has its own history", async ({ page }) => {
  await coartem(page);
  await page.getByTestId("history-productBatch").first().click();
  await expect(page.getByRole("heading", { name: /lot X2217/ })).toBeVisible();
  await expect(lines(page)).toHaveCount(2);
  await expect(lines(page).first()).toContainText("30/06/2027");
});

test("a resolution enters the history with what was picked, which a conflict leads to and back", async ({
  page,
}) => {
  await conflicts(page);
  await look(page, 0);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Tous, avec les résolus" }).click();
  await page.locator("[data-state=settled]").click();
  await page.getByTestId("history-product").click();
  await expect(lines(page).first()).toContainText("Mamadou Saliou Diallo");
  await expect(lines(page).first()).toContainText("Résolution");
  await expect(lines(page).first()).toContainText("48 500 GNF");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("conflict-row").first()).toBeVisible();
});

test("offline the history says that it is this till's own", async ({ page }) => {
  await coartem(page, { online: false });
  await page.getByTestId("history-product").click();
  await expect(page.getByTestId("log-source")).toHaveText("Vu d’ici, hors ligne");
  await expect(page.getByText(/Il manque ce que les autres caisses/)).toBeVisible();
});

test("the audit log is filtered by kind, person, till, day and words, and written to a file", async ({
  page,
}) => {
  await audit(page);
  await page.getByRole("button", { name: "Conflits", exact: true }).click();
  await expect(lines(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Réparations" }).click();
  await expect(lines(page)).toHaveCount(3);
  await page.getByRole("button", { name: "Tous", exact: true }).click();
  await page.getByRole("combobox", { name: "Qui" }).selectOption("Aïssatou Bah");
  await expect(lines(page)).toHaveCount(3);
  await page.getByRole("combobox", { name: "Où" }).selectOption("Caisse 1");
  await expect(lines(page)).toHaveCount(1);
  await page.getByRole("searchbox").focus();
  await page.keyboard.press("Escape");
  await write(page, "luméfantrine");
  await expect(lines(page)).toHaveCount(1);
  await page.keyboard.press("Alt+e");
  await expect(page.getByText("1 ligne écrite dans")).toBeVisible();
  await page.getByRole("searchbox").fill("");
  const today = new Date().toLocaleDateString("fr-FR");
  await page.getByLabel("Du", { exact: true }).fill(today);
  await page.keyboard.press("Tab");
  await expect(lines(page)).not.toHaveCount(0);
  await page.getByLabel("au", { exact: true }).fill("31/02/2027");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("au", { exact: true })).toHaveAttribute("aria-invalid", "true");
});

test("a line of the audit log leads to its row's history and back, by keyboard", async ({ page }) => {
  await audit(page);
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Historique : Spharma Guinée" })).toBeVisible();
  await expect(page.locator("[data-kind=merge]")).toContainText("Spharma Guinee (Caisse 1)");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Journal d’audit" })).toBeVisible();
});

test("suppliers and customers are marked too, and lead to their histories", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER, conflictCount: 6 });
  await page.keyboard.press("Alt+7");
  const contacts = page.getByTestId("contact-row");
  await expect(contacts.filter({ hasText: "Spharma" }).getByTestId("conflict-mark")).toBeVisible();
  await expect(page.getByTestId("conflict-mark")).toHaveCount(1);
  await write(page, "sph");
  await expect(contacts).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-kind=merge]")).toContainText("Spharma Guinee (Caisse 1)");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("searchbox")).toHaveValue("sph");
  await page.getByRole("searchbox").fill("");
  await page.getByRole("tab", { name: "Clients" }).click();
  await expect(contacts.nth(2).getByTestId("conflict-mark")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Historique : Mariama Kaba" })).toBeVisible();
  await expect(lines(page)).toContainText("150 000 GNF");
});

test("a cashier has neither the audit log nor histories", async ({ page }) => {
  await atTill(page, { signedIn: CASHIER });
  await expect(page.getByRole("button", { name: "Audit" })).toHaveCount(0);
  await page.keyboard.press("Alt+3");
  await page.getByTestId("product-panel").waitFor();
  await expect(page.getByTestId("history-product")).toHaveCount(0);
});

test("a manager chooses who wins, sees what follows, and takes it back", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+6");
  await page.getByTestId("open-strategies").focus();
  await page.keyboard.press("Enter");
  const product = page.getByTestId("strategy-product");
  await expect(product).toContainText("À la main : prix ; pour le reste, la plus récente gagne");
  await product.getByRole("combobox").selectOption("Le serveur gagne");
  await expect(product).toContainText("Le serveur gagne");
  await page.getByRole("combobox", { name: "Pour tout" }).selectOption("Décider à la main");
  await expect(page.getByTestId("strategy-supplier")).toContainText("Décidé à la main");
  await product.getByRole("combobox").selectOption("Non choisi");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("strategies")).toHaveCount(0);
});
