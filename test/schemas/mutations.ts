import type { Random } from "../seeded.js";
import { copy, Lexeme, write } from "./lexical.js";
import { type Node, type Place, placesOf } from "./places.js";

type Holder = Record<string, unknown>;

/** Around every bound that a schema of the specification has, and lexemes that are easily misread. */
const numbers: readonly unknown[] = [
  ...[-1001, -1000, -1, 0, 1, 2, 5, 6, 10, 255, 256, 511, 512, 1000, 1001, 4096, 65535, 65536].map(Number),
  ...[-2147483649, -2147483648, 2147483647, 2147483648, 4294967294, 4294967295, 4294967296],
  ...[
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n,
    -(2n ** 63n),
    -(2n ** 63n) - 1n,
  ],
  ...["-0", "1.0", "1.5", "1e3", "1e400", "-1e400", "1e-400", "20e-1", "25e-1", "1E+2"].map((text) => new Lexeme(text)),
  ...["18446744073709551615.0", "18446744073709551615.5", "1.00000000000000000000001"].map((text) => new Lexeme(text)),
];

const strings: readonly string[] = [
  ...[
    "",
    "x",
    "/",
    "rootfs",
    "1.3.0",
    "a",
    "b",
    "c",
    "u",
    "p",
    "rwm",
    "0-3, 5",
    "1;2",
    "MB:0=10",
    "MB:\n",
    "L3:0=f",
    "2MB",
    "64KB",
    "64kB",
    "0MB",
  ],
  ...[
    "RLIMIT_NOFILE",
    "RLIMIT_FOO",
    "rlimit_nofile",
    "rprivate",
    "Mount",
    "mount",
    "time",
    "SCMP_ACT_ALLOW",
    "SCMP_ACT_allow",
    "SCMP_ARCH_X86",
  ],
  ...["é", "\u0000", "\ud800", "|", "a|b", "SCMP_ACT", "SCMP_ACT_KILL|SCMP_ACT_LOG", "paused", "CAP_KILL", "cap_kill"],
];

const others: readonly unknown[] = [null, true, false, [], {}, [null], ["x"], [[]], [{}], { "": 1 }, { x: "y" }];

const define = (holder: object, key: string, value: unknown) =>
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

/** Makes texts out of real ones: one to three changes each, anywhere that the schema knows and elsewhere. */
export class Mutator {
  readonly #random: Random;
  readonly #places: readonly Place[];

  constructor(schema: Node, random: Random) {
    this.#random = random;
    this.#places = placesOf(schema);
  }

  mutate(value: unknown): string {
    const result = { document: copy(value) };
    for (let left = 1 + this.#random.below(2) * this.#random.below(3); left > 0; left--) this.#change(result);
    const text = write(result.document);
    return this.#random.below(25) === 0 ? this.#damage(text) : text;
  }

  #change(result: { document: unknown }): void {
    const dice = this.#random.below(20);
    if (dice < 12) this.#graft(result.document, this.#random.pick(this.#places));
    else if (dice === 12 && this.#random.below(8) === 0) result.document = this.#anything();
    else this.#disturb(this.#holders(result.document), dice);
  }

  /** Puts a value where the schema has a place for one, with all that has to be around it. */
  #graft(document: unknown, place: Place): void {
    let holder = document;
    for (const [index, { name, node }] of place.entries()) {
      if (typeof holder !== "object" || holder === null) return;
      const key = name === "*" ? this.#key(holder) : name;
      // as JSON.parse does: a name like __proto__ is a member like any other
      if (index === place.length - 1 || !Object.hasOwn(holder, key)) define(holder, key, this.#sample(node));
      holder = Object.getOwnPropertyDescriptor(holder, key)?.value;
    }
  }

  #key(holder: object): string {
    if (!Array.isArray(holder)) return this.#random.pick(["eth0", "a.b", "a/b~c", "", "\n", "__proto__"]);
    return String(this.#random.below(holder.length + 1));
  }

  #disturb(holders: readonly Holder[], dice: number): void {
    if (holders.length === 0) return;
    const holder = this.#random.pick(holders);
    const keys = Object.keys(holder);
    if (keys.length === 0) return;
    const key = this.#random.pick(keys);
    if (dice < 15) Reflect.deleteProperty(holder, key);
    else if (dice < 18) holder[key] = this.#anything();
    else if (!Array.isArray(holder)) holder[this.#random.pick([key.toUpperCase(), `${key}x`, ` ${key}`])] = holder[key];
  }

  #holders(value: unknown): Holder[] {
    if (typeof value !== "object" || value === null || value instanceof Lexeme) return [];
    return [value as Holder, ...Object.values(value).flatMap((member) => this.#holders(member))];
  }

  #sample(node: Node): unknown {
    if (this.#random.below(20) === 0) return this.#anything();
    if (node.enum !== undefined) return this.#random.pick(node.enum);
    switch (node.type) {
      case "integer":
        return this.#integer(node);
      case "string":
        return this.#random.pick(strings);
      case "boolean":
        return this.#random.below(2) === 0;
      case "array":
        return Array.from({ length: this.#random.below(3) }, () => this.#sample(node.items ?? {}));
      default:
        return this.#object(node);
    }
  }

  /** Mostly one that fits. */
  #integer({ minimum = -1, maximum = 1 }: Node): unknown {
    if (this.#random.below(3) === 0) return this.#random.pick(numbers);
    return this.#random.pick([Math.max(minimum, 0), Math.max(minimum, 1), Math.min(maximum, 1000)]);
  }

  #object(node: Node): unknown {
    const { properties = {}, required = [], additionalProperties } = node;
    if (typeof additionalProperties === "object") return { [this.#key({})]: this.#sample(additionalProperties) };
    const names = Object.keys(properties).filter((name) =>
      required.includes(name) ? this.#random.below(30) > 0 : this.#random.below(3) === 0,
    );
    return Object.fromEntries(names.map((name) => [name, this.#sample(properties[name] ?? {})]));
  }

  #anything(): unknown {
    return copy(this.#random.pick(this.#random.pick([numbers, strings, others])));
  }

  #damage(text: string): string {
    const at = this.#random.below(text.length);
    const mark = this.#random.pick([
      "",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      " ",
      "\u0001",
      "0",
      "-",
      "e",
      "x",
      "\\u00",
    ]);
    return text.slice(0, at) + mark + text.slice(at + this.#random.below(2));
  }
}
