import { defineConfig } from "@playwright/test";
import { browser, server } from "./e2e/support/setup";

export default defineConfig({
  testDir: "./e2e",
  outputDir: "./test-results/browser",
  fullyParallel: true,
  workers: 2,
  /** A loaded machine breaks the rhythm of a scan: what fails twice has failed. */
  retries: 1,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: browser,
  webServer: server,
});
