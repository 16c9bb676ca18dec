import { expect, test, type Page } from "@playwright/test";
import { atTill, CASHIER, MANAGER } from "./support/till";

async function synchro(page: Page, knobs: Record<string, unknown> = {}): Promise<void> {
  await atTill(page, { signedIn: MANAGER, ...knobs });
  await page.keyboard.press("Alt+5");
  await expect(page.getByTestId("sync-sentence")).toBeVisible();
}

const told = (page: Page): Promise<{ body: string }[]> =>
  page.evaluate(() => (window.officineFake.world.told ?? []) as { body: string }[]);

test("the last result is there before anything is pressed, in figures", async ({ page }) => {
  await synchro(page);
  const result = page.getByTestId("sync-result");
  for (const figure of ["traitées", "refusées", "en conflit", "retenues", "bloquées", "durée"])
    await expect(result).toContainText(figure);
});

test("the queue is filtered, retried whole, cleared and written to a file, by the keyboard alone", async ({
  page,
}) => {
  await synchro(page);
  await expect(page.getByTestId("queue-row")).toHaveCount(2);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("tr.on")).toContainText("Furosémide");
  await page.getByRole("button", { name: /^À décider/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("queue-row")).toHaveCount(1);
  await page.getByTestId("queue-export").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 opération écrite dans")).toBeVisible();
  await page.getByTestId("queue-retry-all").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Aucune opération dans cet état")).toBeVisible();
  await page.getByRole("button", { name: /^Confirmées/ }).click();
  await expect(page.getByTestId("queue-row")).not.toHaveCount(0);
  await page.getByTestId("queue-clear").click();
  await expect(page.getByTestId("queue-row")).toHaveCount(0);
});

test("everything is read again, and a run is stopped by the keyboard", async ({ page }) => {
  await synchro(page, { holdAt: "walk" });
  await page.getByTestId("refresh-data").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("sync-progress")).toContainText("Tout relire");
  await page.getByTestId("sync-stop").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("sync-result")).toHaveAttribute("data-problem", "sync_cancelled");
  await expect(page.getByTestId("sync-result")).toContainText("Ce qui est fait est gardé");
  await expect(page.getByTestId("sync-now")).toBeEnabled();
});

test("the journal draws the last day, and says its failures in words too", async ({ page }) => {
  await synchro(page);
  await page.getByRole("tab", { name: "Journal" }).click();
  await expect(page.getByTestId("activity-total")).toContainText(/1 refus sur \d+/);
  await expect(page.getByTestId("activity-total")).toContainText(/2 échecs sur \d+ échanges/);
  await expect(page.getByRole("img", { name: /par heure/ })).toBeVisible();
  await expect(page.getByTestId("activity").getByRole("listitem").first()).toContainText("échanges dont");
});

test("the diagnostic marks a difference that nothing explains, and leaves alone one that waits", async ({
  page,
}) => {
  await synchro(page, { missing: { customer: 2 } });
  await page.getByRole("tab", { name: "Diagnostic" }).click();
  await expect(page.getByTestId("rows-customer")).toContainText("à regarder");
  await expect(page.getByTestId("rows-productBatch")).toContainText("attendu");
  await expect(page.getByTestId("rows-product")).toContainText("=");
  await expect(page.getByTestId("coverage-said")).toContainText("déclarée");
});

test("without the hub the diagnostic still shows this till, and says why the rest is missing", async ({
  page,
}) => {
  await synchro(page, { online: false });
  await page.getByRole("tab", { name: "Diagnostic" }).click();
  await expect(page.getByText(/ne répond pas/).first()).toBeVisible();
  await expect(page.getByTestId("rows-customer")).toContainText("—");
});

test("the log says everything when it is told to, and the choice stays", async ({ page }) => {
  await synchro(page);
  await page.getByRole("tab", { name: "Diagnostic" }).click();
  await page.getByRole("button", { name: "Tout", exact: true }).click();
  await expect(page.getByText("Le journal technique dit tout")).toBeVisible();
  await page.keyboard.press("Alt+1");
  await page.keyboard.press("Alt+5");
  await page.getByRole("tab", { name: "Diagnostic" }).click();
  await expect(page.getByRole("button", { name: "Tout", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
});

test("the strip says to a cashier what waits for her, to a manager the conflicts and refusals too", async ({
  page,
}) => {
  await atTill(page, { signedIn: CASHIER });
  await expect(page.getByTestId("strip")).toContainText("1 ticket refusé, à voir avec le gérant");
  await expect(page.getByTestId("strip-conflicts")).toHaveCount(0);
  await atTill(page, { signedIn: MANAGER });
  await expect(page.getByTestId("strip-conflicts")).toContainText("0");
  await expect(page.getByTestId("strip-to-regularise")).toContainText("1");
  await expect(page.getByTestId("strip")).toContainText("Dernière synchro");
});

test("a ticket refused behind one's back is told in the window and on the desktop", async ({ page }) => {
  await atTill(page);
  await page.evaluate(() => {
    const world = window.officineFake.world as { tell: (notice: unknown) => void };
    const reason = { code: "stock_insufficient", params: { product: "Zinc", asked: 3, available: 1 } };
    world.tell({ kind: "saleToSettle", sale: { number: "2-004 243", total: 5_000, reason } });
  });
  await expect(page.getByRole("status").getByText(/Ticket 2-004 243 refusé/)).toBeVisible();
  await expect(page.getByTestId("scan-field")).toBeFocused();
  expect((await told(page)).at(-1)?.body).toContain("À montrer au gérant");
});
