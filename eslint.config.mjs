import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/", ".local/", "policies/bin/", "dist/", "**/*.cjs", "**/*.js"] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.check.json", tsconfigRootDir: import.meta.dirname } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "no-console": "off",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", 300],
    },
  },
  {
    // The program reads its settings from Pulumi's configuration alone.
    files: ["index.ts", "components/**/*.ts"],
    rules: { "no-restricted-properties": ["error", { object: "process", property: "env" }], "no-console": "error" },
  },
  {
    // mocha's `it` takes promises that nobody holds, and its assertions are expressions.
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  {
    // Plain JavaScript has no types to ask.
    files: ["**/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
  },
);
