import { defineConfig } from "@playwright/test";
import { browser, server } from "./e2e/support/setup";

export default defineConfig({
  testDir: "./scripts",
  testMatch: "*.shots.ts",
  outputDir: "./test-results/shots-work",
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  reporter: [["line"]],
  use: browser,
  webServer: server,
});
