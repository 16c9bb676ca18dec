import { expect, test } from "@playwright/test";
import {
  AMOXICILLINE,
  atTill,
  CLAMOXYL,
  COARTEM,
  codeOf,
  DOLIPRANE,
  plain,
  scan,
  scanProducts,
  set,
  ZINC,
} from "./support/till";

test("three scans and one key sell three lines, the receipt names the lots", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, DOLIPRANE, ZINC, AMOXICILLINE);
  await expect(page.getByTestId("cart-line")).toHaveCount(3);
  await expect(page.getByTestId("scan-field")).toHaveValue("");
  expect(await plain(page, "total")).toBe("94 500 GNF");
  await page.keyboard.press("F12");
  const receipt = page.getByTestId("receipt");
  await expect(receipt).toContainText("DL4417");
  await expect(receipt).toContainText("ZN5083");
  await expect(receipt).toContainText("6K882");
  await expect(page.getByTestId("receipt-number")).toHaveText(/^2-004 \d{3}$/);
  await expect(page.getByTestId("ticket-state")).toHaveAttribute("data-state", "confirmed");
  await expect(page.getByTestId("scan-field")).toBeFocused();
});

test("change stays on the sign until the next scan", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await page.keyboard.type("20000", { delay: 80 });
  expect(await plain(page, "change")).toBe("1 500 GNF");
  await page.keyboard.press("Enter");
  await expect(page.getByText("À rendre")).toBeVisible();
  expect(await plain(page, "total")).toBe("1 500 GNF");
  await scanProducts(page, ZINC);
  await expect(page.getByText("À payer")).toBeVisible();
});

test("too little cash is said and not taken", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await page.keyboard.type("18000", { delay: 80 });
  await expect(page.getByText(/Il manque 500 GNF/)).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Encaisser" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await expect(page.getByTestId("scan-field")).toBeFocused();
});

test("a scan in the payment dialog is a scan, never money", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("tendered")).toBeFocused();
  await scanProducts(page, ZINC);
  await expect(page.getByTestId("cart-line")).toHaveCount(2);
  await expect(page.getByTestId("tendered")).toHaveCount(0);
});

test("the second Enter of a CR+LF scanner does not open the payment", async ({ page }) => {
  await atTill(page);
  const code = await codeOf(page, DOLIPRANE);
  await scan(page, code, ["Enter", "Enter"]);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("search by keyboard: prefix, two letters, arrows, Enter", async ({ page }) => {
  await atTill(page);
  await page.keyboard.type("3*amo", { delay: 70 });
  await expect(page.getByTestId("scan-count")).toHaveText("3 ×");
  await expect(page.getByTestId("search-hit").first()).toContainText("Amoxicilline 500 mg");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const line = page.getByTestId("cart-line");
  await expect(line).toContainText("Amoxicilline 250 mg/5 ml");
  await expect(line).toContainText("3 boîtes");
  await expect(page.getByTestId("scan-field")).toHaveValue("");
});

test("a long code typed by hand, then Enter, is a scan", async ({ page }) => {
  await atTill(page);
  await page.keyboard.type(await codeOf(page, DOLIPRANE), { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toContainText("Doliprane");
});

test("a line over two lots shows both, a short one is brought down or marked in hand", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, COARTEM);
  await page.keyboard.press("F2");
  await page.keyboard.type("3", { delay: 70 });
  await page.keyboard.press("Enter");
  const line = page.getByTestId("cart-line");
  await expect(line).toContainText("X2217");
  await expect(line).toContainText("X2348");
  await expect(line).toContainText("dernières");

  await page.keyboard.press("F2");
  await page.keyboard.type("5", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("nudge")).toContainText("Demandé : 5 boîtes, au livre : 3 boîtes.");
  await expect(page.getByTestId("pay-exact")).toBeDisabled();
  await page.keyboard.press("Alt+b");
  await expect(line).toContainText("boîte en main");
  await expect(page.getByTestId("pay-exact")).toBeEnabled();
});

test("a scanned box whose lot is not the shortest: F6 takes the shorter one", async ({ page }) => {
  await atTill(page);
  const code = await codeOf(page, AMOXICILLINE);
  await scan(page, `010${code}107G214`);
  await expect(page.getByTestId("nudge")).toContainText("Un lot plus court existe : 6K882");
  await page.keyboard.press("F6");
  await expect(page.getByTestId("nudge")).toHaveCount(0);
  await expect(page.getByTestId("cart-line")).toContainText("6K882");
});

test("F6 lists the lots and asks why", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, AMOXICILLINE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F6");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("client le demande", { delay: 60 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toContainText("7G214");
  await expect(page.getByTestId("cart-line")).toContainText("choisi");
});

test("an expired product is refused with its lot and date", async ({ page }) => {
  await atTill(page);
  await scanProducts(page, CLAMOXYL);
  await expect(page.getByRole("alert")).toContainText("lot C1180");
  await expect(page.getByTestId("cart-line")).toHaveCount(0);
});

test("an unknown code is found by name, attached, and known the next time", async ({ page }) => {
  await atTill(page);
  await scan(page, "6133456000125");
  await expect(page.getByRole("alert")).toContainText("Code inconnu");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Code à rattacher")).toBeVisible();
  await page.keyboard.type("ibu", { delay: 70 });
  await expect(page.getByTestId("search-hit")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toContainText("Ibuprofène");
  await scan(page, "6133456000125");
  await expect(page.getByTestId("cart-line")).toContainText("2 boîtes");
});

test("a code that two products share asks which", async ({ page }) => {
  await atTill(page);
  await scan(page, "3400930000007");
  await expect(page.getByTestId("search-hit")).toHaveCount(2);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toContainText("Ibuprofène");
});

test("F7 holds, F9 recalls, Del removes", async ({ page }) => {
  await atTill(page, { held: [] });
  await scanProducts(page, DOLIPRANE, ZINC);
  await expect(page.getByTestId("cart-line")).toHaveCount(2);
  await page.keyboard.press("F7");
  await expect(page.getByTestId("cart-line")).toHaveCount(0);
  await page.keyboard.press("F9");
  await page.getByTestId("held-ticket").first().waitFor();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line")).toHaveCount(2);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
});

test("a refused ticket comes back: red note, sign off, Enter keeps what there is", async ({ page }) => {
  await atTill(page, { refuseNext: 1, verdictAfter: 300 });
  await scanProducts(page, COARTEM, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(2);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("F2");
  await page.keyboard.type("3", { delay: 70 });
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line").first()).toContainText("3 boîtes");
  await page.keyboard.press("F12");
  await expect(page.getByRole("alert")).toContainText("Le serveur a refusé le ticket");
  await expect(page.getByText("Déjà payé, à revoir")).toBeVisible();
  await expect(page.getByTestId("pay-exact")).toBeDisabled();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cart-line").first()).toContainText("1 boîte");
  await expect(page.getByText("À rendre, du tiroir")).toBeVisible();
  await page.keyboard.press("F12");
  await expect(page.getByTestId("ticket-state")).toHaveAttribute("data-state", "confirmed");
});

test("a ticket refused later becomes a held one, marked", async ({ page }) => {
  await atTill(page, { refuseNext: 0, refuseInto: "held", verdictAfter: 300, held: [] });
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByRole("alert").first()).toContainText("refusé le ticket");
  await page.keyboard.press("F9");
  await expect(page.getByTestId("held-ticket")).toContainText("refusé par le serveur");
});

test("with the network down the sale is kept and the strip says so", async ({ page }) => {
  await atTill(page, { online: false });
  await scanProducts(page, DOLIPRANE);
  await expect(page.getByTestId("cart-line")).toHaveCount(1);
  await page.keyboard.press("F12");
  await expect(page.getByTestId("ticket-state")).toHaveAttribute("data-state", "recorded");
  await expect(page.getByTestId("network-state")).toContainText("coupé");
  await expect(page.getByTestId("network-state")).toContainText("1 opération gardée ici");
  await set(page, { online: true });
});
