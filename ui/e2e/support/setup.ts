import type { PlaywrightTestConfig } from "@playwright/test";

const ADDRESS = "http://127.0.0.1:4173";

/** Debian's Chromium, quiet, at the size of a small till. */
export const browser: PlaywrightTestConfig["use"] = {
  baseURL: ADDRESS,
  viewport: { width: 1366, height: 768 },
  locale: "fr-FR",
  launchOptions: {
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};

/** Serves the build that has the in-memory pharmacy. */
export const server: PlaywrightTestConfig["webServer"] = {
  command: "npx vite preview --mode fake --outDir dist-fake",
  url: ADDRESS,
  reuseExistingServer: false,
};
