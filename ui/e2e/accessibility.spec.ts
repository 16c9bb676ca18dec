import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { VIEWS } from "./support/tour";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS = ["serious", "critical"];

async function faults(page: Page, theme: string): Promise<string[]> {
  const results = await page.evaluate((name) => {
    document.documentElement.dataset.theme = name;
    return (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run();
  }, theme);
  return results.violations
    .filter((fault) => SERIOUS.includes(fault.impact ?? ""))
    .map((fault) => `${theme}, ${fault.id}: ${fault.nodes.map((node) => node.html).join(" | ")}`);
}

for (const view of VIEWS) {
  test(`${view.name} has no serious fault in either theme`, async ({ page }) => {
    await view.reach(page, {});
    await page.evaluate(axe);
    expect([...(await faults(page, "light")), ...(await faults(page, "dark"))]).toEqual([]);
  });
}
