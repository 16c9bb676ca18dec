import { expect, test } from "@playwright/test";
import { atTill, DOLIPRANE, MANAGER, scanProducts, set } from "./support/till";

test("a dry run names every bad row by line, column and reason", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+3");
  await page.getByRole("button", { name: "Importer un catalogue" }).click();
  await expect(page.getByTestId("import-run")).toBeDisabled();
  await page.getByLabel("Fichier CSV").fill("/tmp/erreurs.csv");
  await page.getByTestId("import-check").click();
  await expect(page.getByTestId("bad-row")).toHaveCount(6);
  await expect(page.getByTestId("bad-row").first()).toContainText("42");
  await expect(page.getByTestId("bad-row").first()).toContainText("négatif");
  await page.getByLabel("Fichier CSV").fill("/tmp/absent.csv");
  await expect(page.getByTestId("import-report")).toHaveCount(0);
  await page.getByTestId("import-check").click();
  await expect(page.getByRole("alert")).toContainText("Fichier introuvable");
});

test("an import shows its progress, can be cancelled, and ends with a report", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+3");
  await page.getByRole("button", { name: "Importer un catalogue" }).click();
  await page.getByRole("button", { name: "Parcourir…" }).click();
  await page.getByTestId("import-check").click();
  await expect(page.getByTestId("import-report")).toHaveAttribute("data-applied", "false");
  await page.getByTestId("import-run").click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await page.getByRole("button", { name: "Annuler" }).click();
  await expect(page.getByText("Import annulé.")).toBeVisible();
  await page.getByTestId("import-check").click();
  await page.getByTestId("import-run").click();
  await expect(page.getByTestId("import-report")).toHaveAttribute("data-applied", "true");
});

test("a manager sets a price that was missing", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+3");
  await page.getByRole("searchbox").fill("test palu");
  await page.getByTestId("product-row").first().click();
  const panel = page.getByTestId("product-panel");
  await expect(panel).toContainText("Test palu rapide");
  await panel.getByRole("button", { name: "Changer le prix : boîte" }).click();
  await page.keyboard.type("150000");
  await page.keyboard.press("Enter");
  await expect(panel).toContainText("150 000 GNF");
});

test("synchronise now shows its steps, then its result", async ({ page }) => {
  await atTill(page, { online: false });
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByTestId("receipt")).toBeVisible();
  await page.keyboard.press("Alt+5");
  await page.getByTestId("sync-now").click();
  await expect(page.getByTestId("sync-result")).toContainText("ne répond pas");
  await set(page, { online: true });
  await page.getByTestId("sync-now").click();
  await expect(page.getByText("Synchronisation en cours")).toBeVisible();
  await expect(page.getByTestId("sync-result")).toContainText("acceptées");
  await expect(page.getByTestId("sync-result")).toContainText("1");
  await page.getByRole("tab", { name: "Journal" }).click();
  await expect(page.getByRole("cell", { name: "À la demande" }).first()).toBeVisible();
});

test("a manager retries what is held back, a cashier cannot", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+5");
  await expect(page.getByTestId("queue-row")).toHaveCount(2);
  await page.getByRole("button", { name: "Réessayer Furosémide 40 mg" }).click();
  await expect(page.getByTestId("queue-row").last()).toContainText("En attente");
  await page.keyboard.press("Control+l");
  await page.keyboard.press("1");
  await page.keyboard.type("1111", { delay: 60 });
  await page.keyboard.press("Enter");
  await page.keyboard.press("Alt+5");
  await expect(page.getByTestId("queue-row")).toHaveCount(2);
  await expect(page.getByRole("button", { name: /Réessayer/ })).toHaveCount(0);
});

test("a ticket is found by its lot and its receipt shown again", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+2");
  await expect(page.getByTestId("sale-row").first()).toBeVisible();
  await page.getByRole("searchbox").fill("NV0301");
  await expect(page.getByTestId("sale-row")).toHaveCount(1);
  await page.getByTestId("sale-row").click();
  await expect(page.getByTestId("receipt")).toContainText("Insuline Mixtard 30");
  await page.getByTestId("held-ticket").click();
  await expect(page.getByTestId("cart-line").first()).toBeVisible();
});

test("the language changes at once, by key and by setting", async ({ page }) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+l");
  await expect(page.getByPlaceholder("Scan, or type two letters")).toBeVisible();
  await page.keyboard.press("Alt+l");
  await page.keyboard.press("Alt+6");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("button", { name: "Enregistrer les réglages" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("a keyboard alone reaches every screen and every control of the rail", async ({ page }) => {
  await atTill(page);
  await page.keyboard.press("F1");
  await expect(page.getByRole("dialog", { name: /Aide/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("scan-field")).toBeFocused();
  for (const [key, heading] of [
    ["Alt+2", "Ventes"],
    ["Alt+3", "Produits"],
    ["Alt+6", "Réglages"],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
  }
  await page.keyboard.press("Alt+1");
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  const reached = new Set<string>();
  for (let step = 0; step < 16; step += 1) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => document.activeElement?.textContent?.replace(/\s+/g, " ").trim() ?? ""),
    );
  }
  for (const name of ["Ventes", "Produits", "Synchro", "Réglages"]) {
    expect([...reached].some((text) => text.startsWith(name))).toBe(true);
  }
  expect([...reached].some((text) => text.includes("Espèces exactes"))).toBe(true);
});
