// Our keywords for ajv. Those that ajv brings make ten times as much code of config.schema.json, each kilobyte is paid at
// every start of a container, and they know no bigint. These emit one short test for each value, call
// `misfit(pointer, expected, value)` where it fails, and go on: one small validator finds the first problem and all.
import { _, Name, nil } from "ajv";
import { _Code } from "ajv/dist/compile/codegen/code.js";
import { Type } from "ajv/dist/compile/util.js";

/** Puts a schema without $ref into our keywords: each node gets exactly one of them. */
export function translate(schema, spelling = true) {
  const { type, properties = {}, additionalProperties, items, required = [], minItems = 0, pattern = "" } = schema;
  if (schema.enum !== undefined) return { word: schema.enum };
  if (type === "string") return { text: pattern };
  if (type === "boolean") return { flag: true };
  // strings, because ajv prints schemas as JSON
  if (type === "integer") return { whole: [String(schema.minimum), String(schema.maximum)] };
  if (type === "array") return { list: { items: translate(items, spelling), minItems } };
  if (type !== "object") throw new Error(`no keyword of ours for ${JSON.stringify(schema)}`);
  if (typeof additionalProperties === "object") return { entries: translate(additionalProperties, spelling) };
  return { fields: { groups: groups(properties, required, spelling), spelling } };
}

// Sections for other systems are checked for shape only: Go spells a name there unlike the official schema (hwconfig).
const foreign = new Set(["solaris", "windows", "vm", "zos", "freebsd"]);

/** Members that have the same schema share their code in a loop, unless the code is shorter than the loop. */
function groups(properties, required, spelling) {
  const found = new Map();
  for (const [name, schema] of Object.entries(properties)) {
    const node = translate(schema, spelling && !foreign.has(name));
    const must = required.includes(name);
    const alone = must || "text" in node || "flag" in node || "whole" in node;
    const key = alone ? name : JSON.stringify(node);
    const group = found.get(key) ?? { names: [], node, must };
    group.names.push(name);
    found.set(key, group);
  }
  return [...found.values()];
}

const isObject = new Name("isObject");
const misfit = new Name("misfit");

/** A keyword whose test is one expression, true for a good value. */
const test = (keyword, schemaType, good, expected) => ({
  keyword,
  schemaType,
  code({ gen, data, schema, it }) {
    gen.code(_`${good(data, schema)} || ${misfit}(${it.errorPath}, ${expected(schema)}, ${data})`);
  },
});

const flag = test(
  "flag",
  "boolean",
  (data) => _`typeof ${data} == "boolean"`,
  () => "a boolean",
);

const text = test(
  "text",
  "string",
  (data, pattern) => {
    const string = _`typeof ${data} == "string"`;
    return pattern === "" ? string : _`${string} && ${new _Code(String(new RegExp(pattern)))}.test(${data})`;
  },
  (pattern) => (pattern === "" ? "a string" : `a string that matches ${pattern}`),
);

const whole = test(
  "whole",
  "array",
  (data, bounds) => {
    const [minimum, maximum] = bounds.map(
      (bound) => new _Code(Number.isSafeInteger(Number(bound)) ? bound : `${bound}n`),
    );
    return _`isWhole(${data}, ${minimum}, ${maximum})`;
  },
  ([minimum, maximum]) => `an integer from ${minimum} to ${maximum}`,
);

const word = test(
  "word",
  "array",
  (data, words) => words.map((word) => _`${data} === ${word}`).reduce((all, one) => _`${all} || ${one}`),
  (words) =>
    words.length === 1 ? JSON.stringify(words[0]) : `one of ${words.map((word) => JSON.stringify(word)).join(", ")}`,
);

const fields = {
  keyword: "fields",
  schemaType: "object",
  code(cxt) {
    const { gen, data, schema, it } = cxt;
    gen.if(
      _`${isObject}(${data})`,
      () => {
        const known = schema.groups.flatMap((group) => group.names);
        const seen = schema.spelling && known.length > 0 ? gen.let("seen", 0) : undefined;
        for (const { names, node, must } of schema.groups) {
          if (names.length === 1) member(cxt, names[0], node, must, seen);
          else gen.forOf("name", listOf(names), (name) => member(cxt, name, node, must, seen));
        }
        // unknown members are allowed; only where there is one, look whether it is a known one misspelt
        if (seen !== undefined)
          gen.code(_`${seen} < count(${data}) && spelling(${it.errorPath}, ${data}, ${listOf(known)}, misfit)`);
      },
      () => gen.code(_`${misfit}(${it.errorPath}, "an object", ${data})`),
    );
  },
};

const listOf = (names) => new _Code(JSON.stringify(names));

function member(cxt, name, node, must, seen) {
  const { gen, data } = cxt;
  const value = _`${data}${name instanceof Name ? _`[${name}]` : new _Code(`.${name}`)}`;
  const check = () => {
    if (seen !== undefined) gen.code(_`${seen}++`);
    inner(cxt, node, name, Type.Str);
  };
  if (must) check();
  else gen.if(_`${value} !== undefined`, check);
}

const entries = {
  keyword: "entries",
  schemaType: "object",
  code(cxt) {
    const { gen, data, schema, it } = cxt;
    gen.if(
      _`${isObject}(${data})`,
      () => gen.forIn("key", data, (key) => inner(cxt, schema, key, Type.Str)),
      () => gen.code(_`${misfit}(${it.errorPath}, "an object", ${data})`),
    );
  },
};

const list = {
  keyword: "list",
  schemaType: "object",
  code(cxt) {
    const { gen, data, schema, it } = cxt;
    const { minItems, items } = schema;
    const expected = minItems > 0 ? "an array that is not empty" : "an array";
    gen.if(
      minItems > 0 ? _`Array.isArray(${data}) && ${data}.length >= ${minItems}` : _`Array.isArray(${data})`,
      () => gen.forRange("i", 0, _`${data}.length`, (index) => inner(cxt, items, index, Type.Num)),
      () => gen.code(_`${misfit}(${it.errorPath}, ${expected}, ${data})`),
    );
  },
};

function inner(cxt, schema, dataProp, dataPropType) {
  const place = { schema, schemaPath: nil, topSchemaRef: nil, errSchemaPath: "", dataProp, dataPropType };
  cxt.subschema(place, cxt.gen.name("unused"));
}

export const keywords = [flag, text, whole, word, fields, entries, list];
