import { expect, test } from "@playwright/test";
import { atTill, CASHIER, DOLIPRANE, scanProducts, write } from "./support/till";

test("a copied till goes on selling, says what is not sent, and enrols anew by the keyboard alone", async ({
  page,
}) => {
  await atTill(page, { signedIn: CASHIER });
  await expect(page.getByTestId("identity-banner")).toHaveCount(0);
  await page.evaluate(() => window.officineFake.identityParts("copied"));
  const banner = page.getByTestId("identity-banner");
  await expect(banner).toContainText("une autre machine vend sous son nom");
  await expect(banner).toContainText("La vente continue");
  await expect(banner).toContainText("12 tickets et 3 autres opérations");
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);

  await page.keyboard.press("Alt+i");
  await expect(page.getByTestId("reenrol-code")).toBeFocused();
  await write(page, "KM4 000");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("reenrol-dialog")).toContainText("Ce code n’est pas le bon");
  await expect(page.getByTestId("reenrol-code")).toBeFocused();
  await page.keyboard.press("Control+a");
  await write(page, "km4 7rt");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("reenrol-dialog")).toContainText("de nouveau reconnu");
  await expect(page.getByTestId("reenrol-dialog")).toContainText("Nouvelle série de tickets : 5");
  await expect(page.getByTestId("reenrol-back")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("reenrol-dialog")).toHaveCount(0);
  await expect(banner).toHaveCount(0);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
});

for (const [state, said] of [
  ["restored", "plus ancien que ce qu’il a déjà envoyé"],
  ["revoked", "il a été retiré"],
] as const) {
  test(`a ${state} till says so on every screen`, async ({ page }) => {
    await atTill(page, { identityState: state });
    await expect(page.getByTestId("identity-banner")).toContainText(said);
    await page.keyboard.press("Alt+2");
    await expect(page.getByTestId("identity-banner")).toContainText(said);
  });
}

test("without the hub the code is not lost, and the dialog says what to do", async ({ page }) => {
  await atTill(page, { identityState: "revoked", online: false });
  await page.getByTestId("reenrol").focus();
  await page.keyboard.press("Enter");
  await write(page, "KM4 7RT");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("reenrol-dialog")).toContainText("ne répond pas");
  await expect(page.getByTestId("reenrol-code")).toHaveValue("KM4 7RT");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("identity-banner")).toBeVisible();
});
