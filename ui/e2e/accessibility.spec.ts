import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { VIEWS } from "./support/tour";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS = ["serious", "critical"];

for (const theme of ["light", "dark"]) {
  for (const view of VIEWS) {
    test(`${view.name} has no serious fault in the ${theme} theme`, async ({ page }) => {
      await view.reach(page, { theme });
      await page.evaluate(axe);
      const results = await page.evaluate(() =>
        (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      const faults = results.violations
        .filter((fault) => SERIOUS.includes(fault.impact ?? ""))
        .map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html).join(" | ")}`);
      expect(faults).toEqual([]);
    });
  }
}
