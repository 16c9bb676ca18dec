import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

const tauriOnlyInOneFile = [
  "error",
  {
    patterns: [{ group: ["@tauri-apps/*"], message: "Only src/backend/tauri.ts may talk to Tauri." }],
  },
];

export default ts.config(
  {
    ignores: [
      "dist/",
      "dist-fake/",
      "src/paraglide/",
      "src/contract/",
      "test-results/",
      "playwright-report/",
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  { files: ["**/*.svelte", "**/*.svelte.ts"], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      "no-restricted-imports": tauriOnlyInOneFile,
      "no-undef": "off",
      "max-lines": ["error", 300],
      "svelte/no-at-html-tags": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  { files: ["src/backend/tauri.ts"], rules: { "no-restricted-imports": "off" } },
);
