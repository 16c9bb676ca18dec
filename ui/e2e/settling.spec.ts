import { expect, test, type Page } from "@playwright/test";
import { atTill, COARTEM, DOLIPRANE, MANAGER, scanProducts } from "./support/till";

async function toSettle(page: Page, knobs: Record<string, unknown> = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+2");
  await page.getByRole("tab", { name: /À régulariser/ }).click();
  await expect(page.getByTestId("settle-panel")).toBeVisible();
}

test("a manager keeps a sale by keyboard: what happens is named, and a reason is asked", async ({ page }) => {
  await toSettle(page);
  await expect(page.getByTestId("to-settle")).toContainText("Insuline");
  await page.keyboard.press("2");
  const dialog = page.getByTestId("settle-dialog");
  await expect(dialog).toContainText("L’argent reste");
  await expect(dialog).toContainText("Un recompte s’ouvre");
  await page.keyboard.type("ok", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await page.keyboard.type(", parti", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("Rien à régulariser")).toBeVisible();
  await expect(page.getByTestId("strip-to-regularise")).toContainText("0");
});

test("cancelling for good names the sum to hand back; Escape decides nothing", async ({ page }) => {
  await toSettle(page);
  await page.keyboard.press("1");
  await expect(page.getByTestId("settle-dialog")).toContainText(/Rendre au client.*GNF en espèces/);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("to-settle")).toHaveCount(1);
  await page.keyboard.press("1");
  await page.keyboard.type("revenu", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(page.getByText(/annulé pour de bon/)).toBeVisible();
  await page.getByRole("tab", { name: "Historique" }).click();
  await page.getByTestId("sale-row").nth(2).click();
  await expect(page.getByText(/Annulée pour de bon par/)).toBeVisible();
  await expect(page.getByRole("row", { name: /Insuline/ })).toContainText("Annulé");
  await expect(page.getByText("Refusé", { exact: true })).toHaveCount(0);
});

test("who decides second is told by whom it was settled", async ({ page }) => {
  await toSettle(page, { settledElsewhere: "Fatoumata Camara" });
  await page.keyboard.press("2");
  await page.keyboard.type("parti", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(page.getByText(/déjà réglé par Fatoumata Camara/)).toBeVisible();
  await expect(page.getByTestId("to-settle")).toHaveCount(0);
});

test("a cashier sees what waits and is sent to the manager", async ({ page }) => {
  await atTill(page);
  await page.keyboard.press("Alt+2");
  await page.getByRole("tab", { name: /À régulariser/ }).click();
  await expect(page.getByText("Le gérant décide")).toBeVisible();
  await page.keyboard.press("1");
  await expect(page.getByTestId("settle-dialog")).toHaveCount(0);
});

test("paper that waits for its verdict goes out at any key, which still does its own work", async ({
  page,
}) => {
  await atTill(page, { paperWaits: true, verdictAfter: -1 });
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByTestId("paper-waits")).toContainText("Une touche imprime");
  await page.keyboard.press("Shift");
  await expect(page.getByTestId("paper-waits")).toBeVisible();
  await page.keyboard.type("do", { delay: 70 });
  await expect(page.getByTestId("paper-waits")).toHaveCount(0);
  await expect(page.getByTestId("search-hit").first()).toBeVisible();
});

test("paper that waits goes out with the verdict, and never for a ticket refused meanwhile", async ({
  page,
}) => {
  await atTill(page, { paperWaits: true, verdictAfter: 900, refuseNext: 1 });
  await scanProducts(page, COARTEM);
  await page.keyboard.press("F2");
  await page.keyboard.type("3", { delay: 70 });
  await page.keyboard.press("Enter");
  await page.keyboard.press("F12");
  await expect(page.getByTestId("paper-waits")).toBeVisible();
  await expect(page.getByTestId("nudge")).toContainText("1");
  await expect(page.getByTestId("paper-waits")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByTestId("ticket-state").first()).toHaveAttribute("data-state", "confirmed");
  await expect(page.getByTestId("paper-waits")).toHaveCount(0);
});

test("a manager finds what the hub wants looked at, with the reason, a return's by its number", async ({
  page,
}) => {
  await atTill(page, { signedIn: MANAGER });
  await page.keyboard.press("Alt+2");
  await page.getByRole("button", { name: "À regarder", exact: true }).click();
  await expect(page.getByTestId("sale-row")).toHaveCount(1);
  await expect(page.getByText("Un lot du ticket manquait sur le serveur")).toBeVisible();
  await expect(page.getByText(/Retour 1-003 958\. Plus de boîtes rendues que vendues/)).toBeVisible();
  await atTill(page);
  await page.keyboard.press("Alt+2");
  await expect(page.getByRole("button", { name: "À regarder", exact: true })).toHaveCount(0);
});

test("a verdict that is there before the sale's own answer is not missed", async ({ page }) => {
  await atTill(page, { verdictAfter: 0, answerAfter: 400 });
  await scanProducts(page, COARTEM);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByTestId("ticket-state")).toHaveAttribute("data-state", "confirmed");
});

test("a refusal that is there before the sale's own answer brings the ticket back", async ({ page }) => {
  await atTill(page, { verdictAfter: 0, answerAfter: 400, refuseNext: 1, paperWaits: true });
  await scanProducts(page, COARTEM);
  await page.keyboard.press("F2");
  await page.keyboard.type("3", { delay: 70 });
  await page.keyboard.press("Enter");
  await page.keyboard.press("F12");
  await expect(page.getByTestId("nudge")).toContainText("1");
  await expect(page.getByTestId("paper-waits")).toHaveCount(0);
  await expect(page.getByTestId("ticket-state")).toHaveAttribute("data-state", "reversed");
});
