import type { Hooks } from "../../generated/config.js";
import { show } from "../problem.js";
import type { Refuse, Rule } from "./rule.js";

/** The members beside process and linux. */
export const bundleRules: Rule = ({ ociVersion, root, hooks }, refuse) => {
  if (!/^1\.[0-9]+\.[0-9]+([-+]|$)/.test(ociVersion)) refuse("/ociVersion", "a version 1.x.y", show(ociVersion));
  if (root === undefined) refuse("/root", "an object", show(root));
  else if (root.path === "") refuse("/root/path", "a path", show(root.path));
  if (hooks !== undefined) hookRules(hooks, refuse);
};

const hookNames = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;

function hookRules(hooks: Hooks, refuse: Refuse): void {
  for (const name of hookNames) {
    hooks[name]?.forEach(({ path }, index) => {
      if (!path.startsWith("/")) refuse(`/hooks/${name}/${index}/path`, "an absolute path", show(path));
    });
  }
}
