import { specVersion, version } from "../version.js";
import { type VerbName, globalOptions, isVerb, optionsOf, verbs } from "./grammar.js";
import { globalTexts, optionTexts, verbTexts } from "./help-texts.js";
import { optionRows, usage } from "./help.js";

/** Manual pages by file name, as roff source for man(7): of the program, and of each verb. */
export function manual(): Readonly<Record<string, string>> {
  const names = Object.keys(verbs).filter(isVerb);
  const pages = names.map((verb) => [`tsrun-${verb}.1`, verbPage(verb)] as const);
  return { "tsrun.1": programPage(names), ...Object.fromEntries(pages) };
}

function programPage(names: readonly VerbName[]): string {
  return page("tsrun", "Open Container Initiative runtime", [
    ["SYNOPSIS", ".B tsrun\n[global options] COMMAND [options] [arguments]"],
    [
      "DESCRIPTION",
      `Runs containers from bundles: directories with a config.json of the OCI runtime specification, version ${specVersion}, and a root file system. Engines such as containerd and Podman call it.`,
    ],
    ["GLOBAL OPTIONS", tagged(optionRows(globalOptions, globalTexts))],
    ["COMMANDS", tagged(names.map((verb) => [`tsrun-${verb}(1)`, verbTexts[verb]]))],
    [
      "EXIT STATUS",
      "0 for success, 1 for any failure, told in one line on standard error. A foreground run ends with the status of the container's program, or 128 and the number of the signal that killed it.",
    ],
    [
      "ENVIRONMENT",
      tagged([
        ["XDG_RUNTIME_DIR", "directory of the state root for other users than root"],
        ["NO_COLOR", "no bold headings on a terminal"],
        ["TSRUN_TIMINGS", "file to which each call adds a line of JSON that tells where its time went"],
      ]),
    ],
    ["SEE ALSO", names.map((verb) => `.BR tsrun\\-${verb} (1)`).join(",\n")],
  ]);
}

function verbPage(verb: VerbName): string {
  return page(`tsrun-${verb}`, verbTexts[verb], [
    ["SYNOPSIS", `.B ${plain(usage(verb))}`],
    ["OPTIONS", tagged(optionRows(optionsOf(verb), optionTexts))],
    ["SEE ALSO", ".BR tsrun (1)"],
  ]);
}

function page(name: string, summary: string, sections: readonly (readonly [title: string, body: string])[]): string {
  const head = `.TH ${name.toUpperCase()} 1 "" "tsrun ${version}" "tsrun"\n.SH NAME\n${plain(name)} \\- ${plain(summary)}\n`;
  return head + sections.map(([title, body]) => `.SH ${title}\n${body}\n`).join("");
}

function tagged(rows: readonly (readonly [tag: string, text: string])[]): string {
  return rows.map(([tag, text]) => `.TP\n.B ${plain(tag.trim())}\n${plain(text)}`).join("\n");
}

/** A dash of roff is a hyphen, and its lines begin with commands. */
function plain(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
