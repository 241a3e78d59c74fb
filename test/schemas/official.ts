import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type SchemaName = "config" | "features" | "state";

/** A text, and the schema that it is to be judged by. */
export interface Document {
  readonly schema: SchemaName;
  readonly text: string;
}

/** The schemas of the Go module github.com/opencontainers/runtime-spec, and the library that its own tests use. */
export interface Official {
  /** The places that the schema refuses, like `/process/cwd`, for each document; none for a good one. */
  judge(documents: readonly Document[]): readonly (readonly string[])[];
  /** What the module itself tests its schemas with. */
  samples(): readonly (Document & { readonly name: string; readonly good: boolean })[];
}

const version = "v1.3.0";
const judgeFolder = fileURLToPath(new URL("official/", import.meta.url));
const buildFolder = fileURLToPath(new URL("../../build/official-schemas/", import.meta.url));
const environment = { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };

/** undefined on a machine without Go, or without the module and a way to get it. */
export function findOfficial(): Official | undefined {
  const folder = moduleFolder();
  const fetched = spawnSync("go", ["mod", "download"], { cwd: judgeFolder, env: { ...environment, GOFLAGS: "" } });
  if (folder === undefined || fetched.status !== 0) return undefined;
  mkdirSync(buildFolder, { recursive: true });
  const program = `${buildFolder}official`;
  execFileSync("go", ["build", "-o", program, "."], { cwd: judgeFolder, env: { ...environment, GOFLAGS: "" } });
  return {
    judge: (documents) => judge(program, `${folder}/schema`, documents),
    samples: () => (["config", "features", "state"] as const).flatMap((schema) => samples(folder, schema)),
  };
}

function moduleFolder(): string | undefined {
  const module = `github.com/opencontainers/runtime-spec@${version}`;
  const { status, stdout } = spawnSync("go", ["mod", "download", "-json", module], {
    cwd: "/",
    encoding: "utf8",
    env: environment,
  });
  if (status !== 0) return undefined;
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}

function judge(program: string, schemas: string, documents: readonly Document[]): readonly (readonly string[])[] {
  const input = documents.map((document) => `${JSON.stringify(document)}\n`).join("");
  const output = execFileSync(program, [schemas], { input, encoding: "utf8", maxBuffer: 1 << 30 });
  const verdicts = output.split("\n").slice(0, -1);
  if (verdicts.length !== documents.length)
    throw new Error(`${verdicts.length} verdicts on ${documents.length} documents`);
  return verdicts.map((line) => JSON.parse(line) as readonly string[]);
}

function samples(folder: string, schema: SchemaName) {
  return (["good", "bad"] as const).flatMap((verdict) => {
    const place = `${folder}/schema/test/${schema}/${verdict}`;
    if (!existsSync(place)) return [];
    return readdirSync(place).map((file) => ({
      schema,
      name: `${schema}/${verdict}/${file}`,
      good: verdict === "good",
      text: readFileSync(`${place}/${file}`, "utf8"),
    }));
  });
}
