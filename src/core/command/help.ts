import { specVersion, version } from "../version.js";
import { type VerbGrammar, type VerbName, globalOptions, optionsOf, verbs } from "./grammar.js";
import { type HelpText, globalTexts, optionTexts, verbTexts } from "./help-texts.js";
import type { OptionTable } from "./option.js";

/** Help of the program; `bold` for a terminal. */
export function programHelp(bold = false): string {
  const commands = Object.entries(verbTexts).map(([name, text]) => [name, text] as const);
  return document(bold, [
    ["NAME", ["tsrun - Open Container Initiative runtime"]],
    ["USAGE", ["tsrun [global options] COMMAND [options] [arguments]"]],
    ["VERSION", [`${version}, runtime specification ${specVersion}`]],
    ["COMMANDS", columns(commands)],
    ["GLOBAL OPTIONS", columns(optionRows(globalOptions, globalTexts))],
  ]);
}

/** Help of one verb. */
export function verbHelp(verb: VerbName, bold = false): string {
  return document(bold, [
    ["NAME", [`tsrun ${verb} - ${verbTexts[verb]}`]],
    ["USAGE", [usage(verb)]],
    ["OPTIONS", columns(optionRows(optionsOf(verb), optionTexts))],
  ]);
}

export function usage(verb: VerbName): string {
  const { operands }: VerbGrammar = verbs[verb];
  const shown = operands.map(({ name, optional, many }) =>
    optional === true ? `[${name}${many === true ? "..." : ""}]` : name,
  );
  return ["tsrun", verb, "[options]", ...shown].join(" ");
}

type Row = readonly [left: string, right: string];

export function optionRows(table: OptionTable, texts: Readonly<Record<string, HelpText>>): readonly Row[] {
  const names = Object.keys(table).sort();
  return names.map((name) => {
    const alias = table[name]?.alias;
    const { value, text } = texts[name] ?? { text: "" };
    const short = alias === undefined ? "    " : `-${alias}, `;
    return [`${short}--${name}${value === undefined ? "" : ` ${value}`}`, text];
  });
}

function columns(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`);
}

function document(bold: boolean, sections: readonly (readonly [title: string, lines: readonly string[]])[]): string {
  return sections
    .map(
      ([title, lines]) =>
        `${bold ? `\x1b[1m${title}:\x1b[m` : `${title}:`}\n${lines.map((line) => `   ${line}\n`).join("")}`,
    )
    .join("\n");
}
