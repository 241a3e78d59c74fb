import { type Operand, type VerbGrammar, type VerbName, globalOptions, isVerb, optionsOf, verbs } from "./grammar.js";
import { type HelpText, globalTexts, optionTexts, verbTexts } from "./help-texts.js";
import type { Option, OptionTable } from "./option.js";
import { signals } from "../tables/signals.js";

/** Scripts for shells, made from the tables that the parser and help use. Ids of containers are asked from `list`. */
export const completionScripts: Readonly<Record<"bash" | "zsh" | "fish", () => string>> = { bash, zsh, fish };

const verbNames = Object.keys(verbs).filter(isVerb);
const signalNames = Object.keys(signals).map((name) => name.replace(/^SIG/, ""));

/** What stands where a value or an operand is expected. */
type Kind = "directory" | "file" | "container" | readonly string[] | undefined;

function valueKind(name: string, option: Option, texts: Readonly<Record<string, HelpText>>): Kind {
  if (option.kind === "choice") return option.of;
  const value = texts[name]?.value;
  if (value === "DIR") return "directory";
  return value === "FILE" || value === "PATH" ? "file" : undefined;
}

function operandKind({ name }: Operand): Kind {
  switch (name) {
    case "CONTAINER-ID":
      return "container";
    case "SIGNAL":
      return signalNames;
    case "COMMAND":
      return verbNames;
    case "SHELL":
      return ["bash", "zsh", "fish"];
    default:
      return undefined;
  }
}

const operandsOf = (verb: VerbName): readonly Operand[] => (verbs[verb] as VerbGrammar).operands;

const spellings = (name: string, { alias }: Option): readonly string[] =>
  alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];

const words = (table: OptionTable): string =>
  Object.entries(table)
    .flatMap(([name, option]) => spellings(name, option))
    .join(" ");

function bash(): string {
  const reply = (kind: Kind): string => {
    if (kind === undefined) return "return";
    if (kind === "directory") return 'COMPREPLY=($(compgen -d -- "$cur")); return';
    if (kind === "file") return 'COMPREPLY=($(compgen -f -- "$cur")); return';
    if (kind === "container")
      return 'COMPREPLY=($(compgen -W "$("$program" "${root[@]}" list -q 2>/dev/null)" -- "$cur")); return';
    return `COMPREPLY=($(compgen -W "${kind.join(" ")}" -- "$cur")); return`;
  };
  const values = (table: OptionTable, texts: Readonly<Record<string, HelpText>>): string =>
    Object.entries(table)
      .filter(([, option]) => option.kind !== "flag")
      .map(
        ([name, option]) => `      ${spellings(name, option).join("|")}) ${reply(valueKind(name, option, texts))} ;;\n`,
      )
      .join("");
  const taking = Object.entries(globalOptions as OptionTable)
    .filter(([, option]) => option.kind !== "flag")
    .flatMap(([name, option]) => spellings(name, option));
  const cases = verbNames.map((verb) => {
    const table = optionsOf(verb);
    const operands = operandsOf(verb).map(operandKind);
    const operandCases = operands.map((kind, place) => `      ${place}) ${reply(kind)} ;;\n`).join("");
    return `  ${verb})
    case "$prev" in
${values(table, optionTexts)}    esac
    if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "${words(table)}" -- "$cur")); return; fi
    case $((COMP_CWORD - at - 1 - dashes)) in
${operandCases}    esac
    ;;
`;
  });
  return `# bash completion of tsrun: source it, or put it into /usr/share/bash-completion/completions/tsrun
_tsrun() {
  local program=\${COMP_WORDS[0]} cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local verb= at=0 dashes=0 index root=()
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
    ${taking.join("|")})
      if [[ \${COMP_WORDS[index]} == --root ]]; then root=(--root "\${COMP_WORDS[index + 1]}"); fi
      if [[ -z $verb ]]; then index=$((index + 1)); fi ;;
    -*) if [[ -n $verb ]]; then dashes=$((dashes + 1)); fi ;;
    *) if [[ -z $verb ]]; then verb=\${COMP_WORDS[index]} at=$index; fi ;;
    esac
  done
  case "$verb" in
  "")
    case "$prev" in
${values(globalOptions, globalTexts)}    esac
    COMPREPLY=($(compgen -W "${words(globalOptions)} ${verbNames.join(" ")}" -- "$cur"))
    ;;
${cases.join("")}  esac
}
complete -F _tsrun tsrun tsrun-node
`;
}

/** Text within single quotes; zsh's _arguments reads brackets and colons in it. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''");
const bracketed = (text: string): string => quoted(text.replace(/[[\]:]/g, "\\$&"));

function zsh(): string {
  const action = (kind: Kind): string => {
    if (kind === undefined) return " ";
    if (kind === "directory") return "_directories";
    if (kind === "file") return "_files";
    return kind === "container" ? "_tsrun_containers" : `(${kind.join(" ")})`;
  };
  const specs = (table: OptionTable, texts: Readonly<Record<string, HelpText>>): readonly string[] =>
    Object.entries(table).map(([name, option]) => {
      const { value = "VALUE", text } = texts[name] ?? { text: "" };
      const names = spellings(name, option);
      const shown = names.length > 1 ? `'(${names.join(" ")})'{${names.join(",")}}` : names.join("");
      const rest = option.kind === "flag" ? "" : `:${bracketed(value)}:${action(valueKind(name, option, texts))}`;
      return `${shown}'[${bracketed(text)}]${rest}'`;
    });
  const cases = verbNames.map((verb) => {
    const operands = operandsOf(verb).map(
      (operand, place) => `'${place + 1}:${operand.name}:${action(operandKind(operand))}'`,
    );
    return `    ${verb}) _arguments ${[...specs(optionsOf(verb), optionTexts), ...operands].join(" ")} ;;\n`;
  });
  return `#compdef tsrun tsrun-node
# zsh completion of tsrun: put it as _tsrun into a directory of $fpath
_tsrun_containers() {
  local -a ids
  ids=(\${(f)"$(_call_program containers tsrun \${opt_args[--root]:+--root} \${opt_args[--root]} list -q 2>/dev/null)"})
  _describe container ids
}
_tsrun() {
  local curcontext=$curcontext state
  typeset -A opt_args
  _arguments -C ${specs(globalOptions, globalTexts).join(" ")} '1:command:->command' '*::argument:->argument'
  case $state in
  command)
    local -a commands
    commands=(${verbNames.map((verb) => `'${verb}:${quoted(verbTexts[verb])}'`).join(" ")})
    _describe command commands ;;
  argument)
    case $words[1] in
${cases.join("")}    esac ;;
  esac
}
_tsrun "$@"
`;
}

function fish(): string {
  const given = (kind: Kind): string => {
    if (kind === undefined) return "-r";
    if (kind === "directory") return "-r -a '(__fish_complete_directories)'";
    if (kind === "file") return "-r -F";
    return kind === "container" ? "-r -a '(tsrun list -q)'" : `-r -a '${kind.join(" ")}'`;
  };
  const lines = (condition: string, table: OptionTable, texts: Readonly<Record<string, HelpText>>): readonly string[] =>
    Object.entries(table).map(([name, option]) => {
      const short = option.alias === undefined ? "" : ` -s ${option.alias}`;
      const value = option.kind === "flag" ? "" : ` ${given(valueKind(name, option, texts))}`;
      return `complete -c tsrun -n '${condition}'${short} -l ${name}${value} -d '${quoted(texts[name]?.text ?? "")}'`;
    });
  const operand = (verb: VerbName): readonly string[] =>
    operandsOf(verb).flatMap((one) => {
      const kind = operandKind(one);
      if (kind === undefined || kind === "directory" || kind === "file") return [];
      const offered = kind === "container" ? "(tsrun list -q 2>/dev/null)" : kind.join(" ");
      return [`complete -c tsrun -n '__fish_seen_subcommand_from ${verb}' -a '${offered}'`];
    });
  const each = verbNames.flatMap((verb) => [
    `complete -c tsrun -n __fish_use_subcommand -a ${verb} -d '${quoted(verbTexts[verb])}'`,
    ...lines(`__fish_seen_subcommand_from ${verb}`, optionsOf(verb), optionTexts),
    ...operand(verb),
  ]);
  return [
    "# fish completion of tsrun: put it into ~/.config/fish/completions/tsrun.fish",
    "complete -c tsrun -f",
    ...lines("__fish_use_subcommand", globalOptions, globalTexts),
    ...each,
    "",
  ].join("\n");
}
