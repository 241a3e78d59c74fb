// config.json that is no JSON, or whose values cannot be: text in, sentence out.
import type { BundleConfig } from "../../examples/busybox-bundle.mjs";
import type { Case } from "./case.js";
import { token } from "./trial.js";

type Linux = BundleConfig["linux"] & { resources: Record<string, unknown>; namespaces: unknown[] };

const linux = (config: BundleConfig): Linux => config.linux as Linux;

/** A value of a wrong kind at a place of config.json: the sentence names the place. */
function wrong(title: string, pointer: string, value: unknown, more = ""): Case {
  return {
    title: `${title}: ${pointer}`,
    edit: (config) => {
      plant(config, pointer.split("/").slice(1), value);
    },
    says: new RegExp(`${pointer.replaceAll("/", "\\/")}\\b.*expected.*(?:${more})`, "i"),
  };
}

function plant(place: unknown, [key = "", ...rest]: readonly string[], value: unknown): void {
  const object = place as Record<string, unknown>;
  if (rest.length === 0) object[key] = value;
  else plant((object[key] ??= {}), rest, value);
}

export const texts: readonly Case[] = [
  { title: "an empty config.json", text: "", says: /config\.json.*line 1,? column 1\b/i },
  { title: "text that is not JSON", text: "{\n  hello: 1\n}\n", says: /config\.json.*line 2,? column 3\b/i },
  { title: "JSON that ends too early", text: '{\n"ociVersion": "1.0.2",\n"process"', says: /line 3,? column 10\b/i },
  { title: "JSON with something after it", text: "{}\n}\n", says: /line 2,? column 1\b/i },
  { title: "a comma too many", text: '{"ociVersion": "1.0.2",}', says: /line 1,? column 24\b/i },
  { title: "a number with a leading zero", text: '{"a": 012}', says: /line 1,? column [78]\b/i },
  { title: "a string over two lines", text: '{"a": "b\nc"}', says: /line [12],? column [19]\b/i },
  { title: "an escape that JSON does not know", text: '{"a": "\\x41"}', says: /line 1,? column [789]\b/i },
  { title: "a hundred thousand open brackets", text: "[".repeat(100_000), says: /config\.json/i },
  {
    title: "a hundred thousand nested objects",
    text: '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000),
    says: /config\.json/i,
  },
  { title: "null", text: "null", says: /expected (an )?object.*null/i },
  { title: "an array", text: "[]", says: /expected (an )?object.*(array|\[\])/i },
  { title: "a string", text: '"config"', says: /expected (an )?object.*(string|"config")/i },
  {
    title: "a number",
    text: "18446744073709551615",
    says: /expected (an )?object.*(number|integer|18446744073709551615)/i,
  },
  { title: "an empty object", text: "{}", says: /ociVersion/ },
  wrong("a number for a string", "/process/cwd", 7, "7|number|integer"),
  wrong("a string for a number", "/process/user/uid", "0", '"0"|string'),
  wrong("null for a string", "/process/cwd", null, "null"),
  wrong("null for an object", "/process", null, "null"),
  wrong("null for an array", "/mounts", null, "null"),
  wrong("an object for an array", "/process/args", { "0": "sh" }, "object"),
  wrong("a string for an array", "/process/args", "sh", '"sh"|string'),
  wrong("a number for a boolean", "/root/readonly", 1, "1|number|integer"),
  wrong("a string for a boolean", "/process/terminal", "false", '"false"|string'),
  wrong("a fraction for an integer", "/process/user/uid", 1.5, "1\\.5"),
  wrong("a negative number for an unsigned one", "/process/user/uid", -1, "-1"),
  wrong("2^32 for a user", "/process/user/uid", token("4294967296"), "4294967296"),
  wrong("2^64-1 for a user", "/process/user/uid", token("18446744073709551615"), "18446744073709551615"),
  wrong("1e400 for a user", "/process/user/uid", token("1e400"), "1e400"),
  wrong("1e400 for a limit", "/linux/resources/pids/limit", token("1e400"), "1e400"),
  wrong(
    "2^64-1 for a signed limit",
    "/linux/resources/memory/limit",
    token("18446744073709551615"),
    "18446744073709551615",
  ),
  wrong("2^64 for an rlimit", "/process/rlimits/0/hard", token("18446744073709551616"), "18446744073709551616"),
  wrong("a name that is no namespace", "/linux/namespaces/0/type", "space", "space"),
  wrong("a name that is no rlimit", "/process/rlimits/0/type", "RLIMIT_PATIENCE", "RLIMIT_PATIENCE"),
  wrong("a relative working directory", "/process/cwd", "tmp", "tmp"),
  wrong("a NUL in an argument", "/process/args/0", "sh\0", ""),
  wrong("a NUL in the environment", "/process/env/0", "A=b\0c", ""),
  wrong("no argument at all", "/process/args", [], ""),
  wrong("a version of another age", "/ociVersion", "2.0.0", "2\\.0\\.0"),
  {
    title: "a host name without a UTS namespace",
    edit: (config) => {
      linux(config).namespaces = linux(config).namespaces.filter((entry) => (entry as { type: string }).type !== "uts");
    },
    says: /hostname/i,
  },
  {
    title: "the same namespace twice",
    edit: (config) => {
      linux(config).namespaces.push({ type: "uts" });
    },
    says: /\/linux\/namespaces/,
  },
  {
    title: "an rlimit twice",
    edit: (config) => {
      const limit = { type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 };
      config.process["rlimits"] = [limit, limit];
    },
    says: /rlimit/i,
  },
  {
    title: "a soft limit above the hard one",
    edit: (config) => {
      config.process["rlimits"] = [{ type: "RLIMIT_NOFILE", hard: 10, soft: 11 }];
    },
    says: /rlimit/i,
  },
];
