import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { readSources, root, type Source, type Violation } from "./repository.js";

/** Where Rust may be unsafe. */
const unsafeRooms: readonly string[] = [
  // the system calls
  "native/sys/src/",
  // the C entry of the door
  "native/door/src/entry.rs",
  // the loading of our own bytecode
  "native/engine/src/chunks.rs",
  // the exported name `main`, which an attribute calls unsafe
  "native/engine/src/main.rs",
  // the allocator
  "native/engine/src/heap.rs",
  // names that are exported to C, among them memcpy
  "native/engine/src/musl.rs",
];

/** Code without line comments and without what stands between quotes. */
function bareLines(text: string): readonly string[] {
  return text.split("\n").map((line) => line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*$/, ""));
}

function unsafeUses(sources: readonly Source[]): readonly Violation[] {
  return sources
    .filter((source) => !unsafeRooms.some((room) => source.path.startsWith(room)))
    .flatMap((source) =>
      bareLines(source.text).flatMap((line, index) =>
        /\bunsafe\b/.test(line) ? [`${source.path}:${index + 1} ${line.trim()}`] : [],
      ),
    );
}

interface CargoMetadata {
  readonly packages: readonly { readonly id: string; readonly name: string }[];
  readonly resolve: { readonly nodes: readonly { readonly id: string; readonly dependencies: readonly string[] }[] };
}

/** Names of all packages that `name` is built from, directly or not. */
function closure(metadata: CargoMetadata, name: string): ReadonlySet<string> {
  const names = new Map(metadata.packages.map((each) => [each.id, each.name]));
  const edges = new Map(metadata.resolve.nodes.map((node) => [node.id, node.dependencies]));
  const seen = new Set<string>();
  const todo = metadata.packages.filter((each) => each.name === name).map((each) => each.id);
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    todo.push(...(edges.get(id) ?? []));
  }
  return new Set([...seen].map((id) => names.get(id) ?? id));
}

test("unsafe code outside its rooms is noticed, the word in a comment or a string is not", () => {
  const found = unsafeUses([
    { path: "native/init/src/mount.rs", text: `// unsafe is elsewhere\nlet x = unsafe { call() };` },
    { path: "native/plan/src/lib.rs", text: `let sentence = "unsafe";\nlet safe = 1; // not unsafe` },
    { path: "native/sys/src/clone.rs", text: `unsafe { clone3() }` },
  ]);
  assert.deepEqual(found, ["native/init/src/mount.rs:2 let x = unsafe { call() };"]);
});

test("Rust is unsafe only in native/sys, in the entry of the door and where bytecode is loaded", () => {
  assert.deepEqual(unsafeUses(readSources((path) => path.startsWith("native/") && path.endsWith(".rs"))), []);
});

test("a package that is reached through another one counts as linked", () => {
  const metadata: CargoMetadata = {
    packages: ["init", "plan", "door"].map((name) => ({ id: name, name })),
    resolve: {
      nodes: [
        { id: "init", dependencies: ["plan"] },
        { id: "plan", dependencies: ["door"] },
        { id: "door", dependencies: [] },
      ],
    },
  };
  assert.deepEqual([...closure(metadata, "init")].sort(), ["door", "init", "plan"]);
});

test("init links neither the engine nor the door", () => {
  const options = ["metadata", "--format-version=1", "--locked", "--filter-platform=x86_64-unknown-linux-gnu"];
  const text = execFileSync("cargo", options, {
    cwd: join(root, "native"),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
  const linked = closure(JSON.parse(text) as CargoMetadata, "tsrun-init");
  assert.ok(linked.has("tsrun-init"), "cargo metadata knows tsrun-init");
  assert.deepEqual(
    ["tsrun-door", "tsrun-engine", "rquickjs", "libseccomp"].filter((name) => linked.has(name)),
    [],
  );
});
