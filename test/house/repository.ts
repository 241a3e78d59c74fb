// What the house rules judge: every file of the repository that is committed or about to be.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export interface Source {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A broken rule: where, and what is wrong there. */
export type Violation = string;

/** Every file that git tracks or would add, without what .gitignore names. */
export function repositoryPaths(): readonly string[] {
  const listing = execFileSync(
    "git",
    ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return [...new Set(listing.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path))).sort();
}

export function readSources(wanted: (path: string) => boolean): readonly Source[] {
  return repositoryPaths()
    .filter(wanted)
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

export function isScript(path: string): boolean {
  return /\.(ts|mts|js|mjs|cjs)$/.test(path);
}

/** Module specifiers of a script, types and dynamic imports included. */
export function importsOf(source: Source): readonly string[] {
  return ts.preProcessFile(source.text, true, true).importedFiles.map((file) => file.fileName);
}

/** The repository path that a relative import names, or `undefined` for a package or a builtin. */
export function resolveImport(source: Source, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(source.path), specifier) : undefined;
}

export function parse(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true);
}

/** Calls `visit` for every node below and including `node`. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => {
    walk(child, visit);
  });
}
