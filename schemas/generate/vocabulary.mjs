// Our keyword for ajv. Those that ajv brings make twenty times as much code of config.schema.json, each kilobyte is paid at
// every start of a container, and they know no bigint. Ours turns an object's schema into one call for each member, of a
// function of src/core/config/check.ts: `seen += text(data, "hostname")`. A check looks at one member of an object (or item
// of an array), notes it where it is wrong, and goes on: the same code finds the first problem and all.
import { _, Name, nil } from "ajv";
import { _Code } from "ajv/dist/compile/codegen/code.js";

// ajv prints schemas as JSON: what goes into one must be text
const integer = (value) => (typeof value === "bigint" ? `${value}n` : String(value));

/** All object schemas of a schema by name, each with our keyword alone: `{ Config: { members: … }, Process: … }`. */
export function objectSchemas(root) {
  const objects = new Map();
  const translate = (schema, name, strict) => {
    if (schema.$ref !== undefined) {
      const target = schema.$ref.slice("#/$defs/".length);
      return translate(root.$defs[target], target, strict);
    }
    const { type, additionalProperties, items, minItems = 0, minimum, maximum, pattern } = schema;
    if (schema.enum !== undefined) return ["word", JSON.stringify(schema.enum.join("|"))];
    if (type === "string") return pattern === undefined ? ["text"] : ["text", String(new RegExp(pattern))];
    if (type === "boolean") return ["flag"];
    if (type === "integer") return ["whole", integer(minimum), integer(maximum)];
    if (type === "array") return [minItems > 0 ? "filled" : "list", ...translate(items, `${name}Item`, strict)];
    if (type !== "object") throw new Error(`no check for ${JSON.stringify(schema)}`);
    if (typeof additionalProperties === "object") return ["entries", ...translate(additionalProperties, name, strict)];
    if (!objects.has(name)) objects.set(name, members(schema, name, strict));
    return ["object", name];
  };
  const members = ({ properties = {}, required = [] }, name, strict) => {
    const list = Object.entries(properties).map(([key, schema]) => {
      const check = translate(schema, schema.$ref === undefined ? name + key : "", strict && !foreign.has(key));
      return { key, check: required.includes(key) ? ["need", ...check] : check };
    });
    return { members: { list, strict } };
  };
  translate(root, root.title, true);
  return Object.fromEntries(objects);
}

// Sections for other systems are checked for shape only: Go spells a name there unlike the official schema (hwconfig).
const foreign = new Set(["solaris", "windows", "vm", "zos", "freebsd"]);

export const members = {
  keyword: "members",
  schemaType: "object",
  code({ gen, data, schema: { list, strict } }) {
    const calls = list.map(({ key, check }) => call(data, key, check));
    if (!strict || list.length === 0) {
      for (const each of calls) gen.code(each);
      return;
    }
    const seen = gen.let("seen", 0);
    for (const each of calls) gen.add(seen, each);
    // unknown members are allowed; only where there is one, look whether it is a known one misspelt
    const known = new _Code(JSON.stringify(list.map(({ key }) => key)));
    gen.code(_`${seen} < count(${data}) && spelling(${data}, ${known})`);
  },
};

/** `need(data, "type", word, "a|b")`: what a check gets beyond its own arguments is another check and that one's arguments. */
const call = (data, key, [check, ...rest]) =>
  _`${new Name(check)}(${data}, ${key}${rest.map((text) => _`, ${new _Code(text)}`).reduce((all, one) => _`${all}${one}`, nil)})`;
