/** One option of the command line: what its value may be. */
export type Option = (FlagOption | TextOption | ListOption | ChoiceOption | CountOption) & {
  /** One letter: `-b` for `--bundle`. */
  readonly alias?: string;
  /** Known to callers but not built yet: refused when given. */
  readonly unbuilt?: true;
};

/** Present or not; `--debug=false` is allowed, a separate word after it is not its value. */
export interface FlagOption {
  readonly kind: "flag";
}

export interface TextOption {
  readonly kind: "text";
}

/** A text that may be given several times; each counts. */
export interface ListOption {
  readonly kind: "list";
}

export interface ChoiceOption {
  readonly kind: "choice";
  readonly of: readonly string[];
}

/** A whole number from 0 to `max`. */
export interface CountOption {
  readonly kind: "count";
  readonly max: number;
}

export type OptionTable = Readonly<Record<string, Option>>;

/** The values of the options of a table that were given; an empty text counts as not given. */
export type ValuesOf<Table extends OptionTable> = { readonly [Name in keyof Table]?: ValueOf<Table[Name]> };

type ValueOf<One> = One extends FlagOption
  ? boolean
  : One extends CountOption
    ? number
    : One extends ListOption
      ? readonly string[]
      : One extends { readonly kind: "choice"; readonly of: readonly (infer Word)[] }
        ? Word
        : string;

/** The name under which an option that may be given several times is spelled the nth time, counted from 0. */
export function nthName(name: string, n: number): string {
  return n === 0 ? name : `${name}#${n}`;
}
