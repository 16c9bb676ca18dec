import { expect, test } from "@playwright/test";
import { set, write } from "./support/till";
import { CUT, INTEGRITY, syncTab } from "./support/tour-health";

test("a range of days is compared by the keyboard alone: totals, then what failed first", async ({
  page,
}) => {
  await syncTab(page, INTEGRITY);
  await page.getByLabel("du", { exact: true }).focus();
  await page.keyboard.press("Control+a");
  await write(page, "01/11/2026");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("integrity-progress")).toBeVisible();
  await expect(page.getByTestId("integrity-said")).toContainText("2 échecs, le reste a continué");
  await expect(page.getByTestId("integrity-totals")).toContainText(/5.439/);
  await expect(page.getByTestId("integrity-productBatch")).toContainText(/1.688/);
  const steps = page.getByTestId("integrity-step");
  await expect(steps.first()).toHaveAttribute("data-ok", "false");
  await expect(steps.first()).toContainText("Coartem");
  await steps.first().getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Conflits" })).toHaveAttribute("aria-selected", "true");
});

test("a comparison is stopped and goes on from there", async ({ page }) => {
  await syncTab(page, INTEGRITY, { holdAt: "integrity" });
  await page.getByTestId("integrity-do").click();
  await expect(page.getByTestId("integrity-progress")).toContainText(/50 %/);
  await page.getByTestId("integrity-stop").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("integrity-said")).toContainText("ce qui est fait reste fait");
  await set(page, { holdAt: null });
  await page.getByTestId("integrity-resume").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("integrity-said")).toContainText("2 échecs");
});

test("one that was cut by the end of the till is shown as such, and goes on", async ({ page }) => {
  await syncTab(page, INTEGRITY, { integrity: CUT });
  await expect(page.getByTestId("integrity-report")).toContainText("La comparaison a été coupée");
  await expect(page.getByTestId("integrity-said")).toContainText(/1.160 sur 2.318/);
  await page.getByTestId("integrity-resume").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("integrity-said")).toContainText("2 échecs");
});

test("one that runs while the screen is opened is followed, and can be stopped", async ({ page }) => {
  await syncTab(page, INTEGRITY, { integrity: { ...CUT, underWay: true } });
  await expect(page.getByTestId("integrity-progress")).toBeVisible();
  await expect(page.getByTestId("integrity-resume")).toBeHidden();
  await page.evaluate((integrity) => {
    Object.assign(window.officineFake.world, { integrity });
    (window.officineFake.world["tell"] as (notice: object) => void)({ kind: "changed", topics: ["sync"] });
  }, CUT);
  await expect(page.getByTestId("integrity-resume")).toBeVisible();
});

test("one document by its number; a number that is nobody's is said beside the form", async ({ page }) => {
  await syncTab(page, INTEGRITY);
  await page.getByRole("button", { name: "Un document" }).click();
  await page.getByTestId("integrity-do").click();
  await expect(page.getByRole("alert")).toContainText("Donner un numéro");
  await page.getByTestId("integrity-document").fill("2-004 317");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("integrity-said")).toContainText("1 ligne mise d’accord");
  await page.getByTestId("integrity-export").click();
  await expect(page.getByText("1 étape écrite dans")).toBeVisible();
});

test("the certificate says equal, at which revision, with what waits and under which seal", async ({
  page,
}) => {
  await syncTab(page, INTEGRITY);
  const certificate = page.getByTestId("certificate");
  await expect(certificate).toContainText("Caisse et serveur identiques");
  await expect(page.getByTestId("certificate-seal")).toHaveText("9F3A 71C4 D208 BE15");
  await page.getByTestId("certify").focus();
  await page.keyboard.press("Enter");
  await expect(certificate.getByTestId("certificate-equal")).toContainText(/48.211/);
});

test("where they differ it says what, and leads to the repair", async ({ page }) => {
  await syncTab(page, INTEGRITY, { differing: ["productBatch"] });
  await page.getByTestId("certify").click();
  await expect(page.getByTestId("certificate")).toContainText("Diffèrent : lots");
  await page.getByTestId("certificate-repair").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("repair-result")).toContainText("27 éléments trouvés");
});

test("without the hub there is no certificate, and the last ones stay in sight", async ({ page }) => {
  await syncTab(page, INTEGRITY, { online: false });
  await page.getByTestId("certify").click();
  await expect(page.getByTestId("certificate")).toContainText("Pas de certificat");
  await expect(page.getByTestId("certificate")).toContainText(/identiques à 48.190/);
});
