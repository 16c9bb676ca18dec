import { expect, test } from "@playwright/test";
import { open, MANAGER } from "./support/till";

test("a digit chooses the person, four digits and Enter open the till", async ({ page }) => {
  await open(page);
  await page.keyboard.press("1");
  await expect(page.getByRole("button", { name: /Aïssatou Bah/ })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.type("1111", { delay: 80 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await expect(page.getByTestId("strip")).toContainText("Aïssatou Bah");
});

test("a name typed without accents chooses the person, and the pad types the PIN", async ({ page }) => {
  await open(page);
  await page.keyboard.type("diallo", { delay: 60 });
  await expect(page.getByRole("heading", { name: "Code de Mamadou" })).toBeVisible();
  for (const digit of MANAGER) await page.getByTestId("pin-pad").getByRole("button", { name: digit }).click();
  await page.getByRole("button", { name: "Entrer" }).click();
  await expect(page.getByTestId("scan-field")).toBeFocused();
});

test("a wrong PIN shows the tries left, five lock the person, a manager unlocks", async ({ page }) => {
  await open(page);
  await page.keyboard.press("2");
  for (const left of [4, 3, 2, 1]) {
    await page.keyboard.type("9999", { delay: 60 });
    await page.keyboard.press("Enter");
    await expect(page.getByText(new RegExp(`Code refusé, encore ${left} essai`))).toBeVisible();
  }
  await page.keyboard.type("9999", { delay: 60 });
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Verrouillé, encore 15 minutes/)).toBeVisible();
  await expect(page.getByTestId("pin-pad").getByRole("button", { name: "5" })).toBeDisabled();

  await page.keyboard.press("Escape");
  await page.keyboard.press("4");
  await page.keyboard.type(MANAGER, { delay: 60 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await page.keyboard.press("Alt+6");
  await page.getByRole("button", { name: "Déverrouiller Fatoumata Camara" }).click();
  await expect(page.getByText("Fatoumata Camara peut se reconnecter")).toBeVisible();
});

test("the till locks by itself after a minute without a key", async ({ page }) => {
  await page.clock.install();
  await open(page, { signedIn: "1111", settings: { lockMinutes: 1 } });
  await expect(page.getByTestId("scan-field")).toBeFocused();
  await page.clock.fastForward(70_000);
  await expect(page.getByText(/Verrouillé à .* après 1 minute/)).toBeVisible();
});

test("a new till is joined with the hub's one-time code, refusals are said at the field", async ({
  page,
}) => {
  await open(page, { enrolled: false });
  await page.getByLabel("Adresse du serveur").fill("http://192.168.1.10");
  await page.getByLabel("Code à usage unique").fill("XXX");
  await page.getByLabel("Nom de cette caisse").fill("Caisse 3");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/n’est pas chiffré/)).toBeVisible();
  await page.getByLabel("Adresse du serveur").fill("https://hub.example:8443");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Ce code n’est pas le bon/)).toBeVisible();
  await page.getByLabel("Code à usage unique").fill("km4 7rt");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Qui est à la caisse" })).toBeVisible();
});

test("the first owner is created where nobody is", async ({ page }) => {
  await open(page, { needsOwner: true, people: [] });
  await page.getByLabel("Nom complet").fill("Hawa Baldé");
  await page.getByLabel("Identifiant").fill("hawa");
  await page.getByLabel("Code", { exact: true }).fill("2468");
  await page.getByLabel("Le même code, encore").fill("2460");
  await expect(page.getByText("Les deux codes diffèrent.")).toBeVisible();
  await page.getByLabel("Le même code, encore").fill("2468");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("scan-field")).toBeFocused();
});

test("a store that cannot be read says what was kept and what to press", async ({ page }) => {
  await open(page, { startProblem: { code: "store_unreadable", params: { path: "/data/officine.db" } } });
  await expect(page.getByRole("alert")).toContainText("/data/officine.db");
  await expect(page.getByText(/Ne rien supprimer/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Réessayer" })).toBeVisible();
});
