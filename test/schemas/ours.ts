import { parseConfig } from "../../src/core/config/read.js";
import { JsonError } from "../../src/core/config/json.js";
import type { Refusal } from "./differences.js";
import type { Document } from "./official.js";

/** ajv's function in build/validators/NAME.js. */
interface PlainValidator {
  (value: unknown): boolean;
  readonly errors: readonly { readonly instancePath: string; readonly keyword: string }[] | null;
}

export async function plainValidator(name: string): Promise<PlainValidator> {
  const file = new URL(`../../build/validators/${name}.js`, import.meta.url).href;
  return ((await import(file)) as { readonly default: PlainValidator }).default;
}

const plain = { features: await plainValidator("features"), state: await plainValidator("state") };

/** What our schemas refuse in a document: config.json as `create` reads it, the others by ajv's own validator. */
export function refusals({ schema, text }: Document): readonly Refusal[] {
  if (schema === "config") return configRefusals(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ pointer: "not JSON", expected: "JSON" }];
  }
  if (plain[schema](value)) return [];
  return (plain[schema].errors ?? []).map(({ instancePath, keyword }) => ({
    pointer: instancePath,
    expected: keyword,
  }));
}

export function configRefusals(text: string): readonly Refusal[] {
  try {
    return parseConfig(text).misfits;
  } catch (error) {
    if (error instanceof JsonError) return [{ pointer: "not JSON", expected: "JSON" }];
    throw error;
  }
}

/** JSON.parse, and ajv after it, round numbers beyond 2^53 and those with long fractions. */
export function isRounded(text: string): boolean {
  return /[0-9]{16}|\.[0-9]{5}|e-?[0-9]{3}/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
}
