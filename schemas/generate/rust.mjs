// Rust types of the plan: owned structs with serde for the library, borrowed ones with a binary decoder for init.
// The wire format of the inside half (native/plan/src/wire.rs) follows the order of the properties in the schema.
import fs from "node:fs";
import path from "node:path";

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const field = (name) => (name === "type" ? "kind" : snake(name));

/** Rust type and wire codec of one property. */
function codec(property) {
  // an object that is passed on as it is
  if (property.type === "object") return { owned: "Box<RawValue>" };
  if (property.$ref?.endsWith("seccompProfile")) return { owned: "Box<RawValue>", special: "filter" };
  if (property.type === "boolean")
    return { owned: "bool", borrowed: "bool", put: (v) => `out.flag(${v})`, get: "flag" };
  if (property.type === "string" || property.enum)
    return { owned: "String", borrowed: "&'a CStr", put: (v) => `out.text(&${v})?`, get: "text" };
  if (property.type === "integer") {
    const type = property.minimum < 0 ? "i32" : property.maximum <= 4294967295 ? "u32" : "u64";
    return { owned: type, borrowed: type, put: (v) => `out.${type}(${v})`, get: type };
  }
  if (property.type === "array" && property.items.type === "string")
    return { owned: "Vec<String>", borrowed: "Texts<'a>", put: (v) => `out.texts(&${v})?`, get: "texts" };
  if (property.type === "array" && property.items.type === "integer")
    return { owned: "Vec<u32>", borrowed: "Numbers<'a>", put: (v) => `out.numbers(&${v})`, get: "numbers" };
  throw new Error(`plan.schema.json: no Rust type for ${JSON.stringify(property)}`);
}

function operations(list) {
  return list.map((schema) => ({
    name: schema.properties.op.const,
    doc: schema.description,
    fields: Object.entries(schema.properties)
      .filter(([name]) => name !== "op" && name !== "pointer")
      .map(([name, property]) => ({
        json: name,
        name: field(name),
        required: schema.required.includes(name),
        ...codec(property),
      })),
  }));
}

/** What serde must know of a field: another name in JSON, or that it may be absent. */
function attribute(f) {
  const words = [
    ...(f.json === f.name || snake(f.json) === f.name ? [] : [`rename = "${f.json}"`]),
    ...(f.required ? [] : ["default"]),
  ];
  return words.length === 0 ? "" : `    #[serde(${words.join(", ")})]\n`;
}

function ownedTypes(half, ops) {
  const structs = ops
    .filter((op) => op.fields.length > 0)
    .map(
      (op) =>
        `/// ${op.doc}\n#[derive(Debug, Deserialize)]\n#[serde(rename_all = "camelCase")]\npub struct ${pascal(op.name)} {\n` +
        op.fields.map((f) => `${attribute(f)}    pub ${f.name}: ${f.owned},\n`).join("") +
        "}\n",
    );
  const variants = ops.map((op) => `    ${pascal(op.name)}${op.fields.length > 0 ? `(${pascal(op.name)})` : ""},\n`);
  const arms = ops.map(
    (op) =>
      `            "${op.name}" => ${half}Op::${pascal(op.name)}${op.fields.length > 0 ? "(serde_json::from_str(raw)?)" : ""},\n`,
  );
  return (
    structs.join("\n") +
    `\n#[derive(Debug)]\npub enum ${half}Op {\n${variants.join("")}}\n` +
    `\nimpl ${half}Op {\n    /// Reads one step from its JSON text.\n    pub fn parse(raw: &str) -> Result<Self, serde_json::Error> {\n` +
    `        let tag: Tag = serde_json::from_str(raw)?;\n        Ok(match tag.op.as_ref() {\n${arms.join("")}` +
    `            other => return Err(unknown("${half.toLowerCase()}", other)),\n        })\n    }\n}\n`
  );
}

const ownedHead = `// Made by schemas/generate/rust.mjs from plan.schema.json. Do not edit.
use super::{Tag, unknown};
use serde::Deserialize;
`;

function encoder(ops) {
  const arms = ops.map((op, code) => {
    const lines = op.fields.flatMap((f) =>
      f.special === "filter"
        ? ["out.bytes(&filter(&op.profile, &op.cache)?);"]
        : op.name === "seccomp"
          ? []
          : [`${f.put(`op.${f.name}`)};`],
    );
    return `            InsideOp::${pascal(op.name)}${op.fields.length > 0 ? "(op)" : ""} => {\n                out.u32(${code});\n${lines
      .map((line) => `                ${line}\n`)
      .join("")}            }\n`;
  });
  return (
    `\nimpl InsideOp {\n    /// Appends the step to a plan for init; filter compiles a seccomp profile, given its cache directory.\n` +
    `    pub fn encode(&self, out: &mut Writer, filter: &mut Compiler) -> Result<(), EncodeError> {\n` +
    `        match self {\n${arms.join("")}        }\n        Ok(())\n    }\n}\n`
  );
}

function decoder(ops) {
  const wire = ops.map((op) => ({
    ...op,
    fields: op.name === "seccomp" ? [{ name: "filter", borrowed: "&'a [u8]", get: "bytes" }] : op.fields,
  }));
  const variants = wire.map(
    (op) =>
      `    /// ${op.doc}\n    ${pascal(op.name)}${op.fields.length > 0 ? ` {\n${op.fields.map((f) => `        ${f.name}: ${f.borrowed},\n`).join("")}    }` : ""},\n`,
  );
  const arms = wire.map(
    (op, code) =>
      `            ${code} => Step::${pascal(op.name)}${op.fields.length > 0 ? ` {\n${op.fields.map((f) => `                ${f.name}: from.${f.get}()?,\n`).join("")}            }` : ""},\n`,
  );
  return (
    `// Made by schemas/generate/rust.mjs from plan.schema.json. Do not edit.\nuse crate::wire::{Numbers, Reader, Texts};\nuse core::ffi::CStr;\n\n` +
    `/// One step of the inside half, as init reads it.\n#[derive(Clone, Copy, Debug)]\npub enum Step<'a> {\n${variants.join("")}}\n\n` +
    `impl<'a> Step<'a> {\n    /// The next step; None when the bytes are not a plan.\n    pub fn decode(from: &mut Reader<'a>) -> Option<Self> {\n        Some(match from.u32()? {\n${arms.join("")}            _ => return None,\n        })\n    }\n}\n`
  );
}

export default function generateRust(root) {
  const plan = JSON.parse(fs.readFileSync(path.join(root, "schemas/plan.schema.json"), "utf8"));
  const outside = operations(plan.$defs.OutsideOp.oneOf);
  const inside = operations(plan.$defs.InsideOp.oneOf);
  const folder = path.join(root, "native/plan/src/generated");
  fs.mkdirSync(folder, { recursive: true });
  const write = (name, text) => {
    const file = path.join(folder, name);
    // an unchanged file keeps its time, so that cargo builds nothing anew
    if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text) fs.writeFileSync(file, text);
  };
  write("outside.rs", ownedHead + "use serde_json::value::RawValue;\n\n" + ownedTypes("Outside", outside));
  write(
    "inside.rs",
    ownedHead.replace(
      "use serde::Deserialize;",
      "use crate::owned::{Compiler, EncodeError};\nuse crate::wire::Writer;\nuse serde::Deserialize;\nuse serde_json::value::RawValue;",
    ) +
      "\n" +
      ownedTypes("Inside", inside) +
      encoder(inside),
  );
  write("step.rs", decoder(inside));
}

if (process.argv[1] === new URL(import.meta.url).pathname) generateRust(path.resolve(import.meta.dirname, "../.."));
