/** The build of yargs-parser that asks nothing of its host. */
declare module "yargs-parser/browser" {
  import type { Arguments, Options } from "yargs-parser";

  export default function parse(argv: string[], options: Options): Arguments;
}
