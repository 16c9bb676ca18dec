import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const messages = paraglideVitePlugin({
  project: "./project.inlang",
  outdir: "./src/paraglide",
  strategy: ["globalVariable", "baseLocale"],
  outputStructure: "locale-modules",
});

/** Under vitest the messages are compiled beforehand: the plugin's watcher would keep the runner alive. */
export default defineConfig(({ mode }) => ({
  plugins: [process.env.VITEST ? [] : messages, svelte()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: "127.0.0.1" },
  preview: { port: 4173, strictPort: true, host: "127.0.0.1" },
  build: {
    outDir: mode === "fake" ? "dist-fake" : "dist",
    target: ["chrome105", "safari16"],
    assetsInlineLimit: 0,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.ts"] },
}));
