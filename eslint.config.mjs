// Lint rules of the whole repository. Each restriction says why; exceptions are listed here and nowhere else.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { exactNumbers } from "./tools/lint/exact-numbers.mjs";

/** Files that are data or one table by nature, and may be longer than one sitting. */
const longFiles = ["src/core/tables/**"];

const noEnums = { selector: "TSEnumDeclaration", message: "Use a union of strings: enums leave code behind." };

/** What only a host has; the core runs in a bare engine and asks its Door. */
const hostGlobals = [
  ...["process", "Buffer", "console", "require", "module", "exports", "global", "__dirname", "__filename"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "structuredClone", "fetch", "performance"],
  ...["TextEncoder", "TextDecoder", "URL", "URLSearchParams", "AbortController", "crypto", "navigator", "Intl"],
  ...["Date", "Worker", "WebAssembly", "eval", "Function"],
].map((name) => ({ name, message: "The core has no host: everything outside goes through the Door." }));

/** What the tools use of Node without importing it. */
const nodeGlobals = [
  ...["process", "console", "Buffer", "URL", "performance", "TextEncoder", "TextDecoder", "structuredClone"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "AbortController", "AbortSignal"],
];

export default defineConfig(
  globalIgnores(["node_modules/", "dist/", "build/", "native/target/", "**/generated/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    rules: {
      complexity: ["error", 18],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-depth": ["error", 4],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-syntax": ["error", noEnums],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Record is a name of ours, too.
      "@typescript-eslint/consistent-indexed-object-style": "off",
      // `() => door.print(…)` is no confusion.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // A function may be async only because its type says so.
      "@typescript-eslint/require-await": "off",
      // The wire's answers get their type from who asks.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // node:test's test() and describe() answer promises that nobody awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "it", "describe", "suite"], package: "node:test" },
          ],
        },
      ],
    },
  },
  {
    files: ["src/core/**/*.ts", "src/embedded/**/*.ts"],
    plugins: { house: { rules: { "exact-numbers": exactNumbers } } },
    rules: {
      "no-restricted-globals": ["error", ...hostGlobals],
      "house/exact-numbers": "error",
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])) },
  },
  { files: longFiles, rules: { "max-lines": "off" } },
);
