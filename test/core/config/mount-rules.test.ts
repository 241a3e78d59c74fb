import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "../../../src/core/config/read.js";

/** What is said against a bundle with these mounts, in a new user namespace with ten ids where asked. */
function messages(mounts: readonly object[], user: boolean): readonly string[] {
  const types = user ? ["mount", "user"] : ["mount"];
  const ids = [mapping(0, 1000, 10)];
  const config = {
    ociVersion: "1.3.0",
    root: { path: "rootfs" },
    process: { cwd: "/", args: ["true"] },
    mounts,
    linux: { namespaces: types.map((type) => ({ type })), ...(user ? { uidMappings: ids, gidMappings: ids } : {}) },
  };
  return examine(JSON.stringify(config)).problems.map(({ message }) => message);
}

const mapping = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });
const bind = (...options: string[]) => ({ destination: "/x", source: "/y", options });

const broken: readonly (readonly [title: string, user: boolean, mount: object, message: string])[] = [
  ["an empty destination", false, { destination: "" }, '/mounts/0/destination: expected a path, found ""'],
  [
    "a bind mount of nothing",
    false,
    { destination: "/x", options: ["rbind", "ro"] },
    "/mounts/0/source: expected the path to bind, found none",
  ],
  [
    "a destination that climbs",
    false,
    { destination: "/proc/../../x" },
    '/mounts/0/destination: expected a path without .., found "/proc/../../x"',
  ],
  [
    "data for a bind mount",
    false,
    bind("bind", "ro", "size=5"),
    '/mounts/0/options/2: expected an option of bind mounts, found "size=5"',
  ],
  [
    "a mount that maps users but not groups",
    false,
    { ...bind("bind"), uidMappings: [mapping(0, 5, 1)] },
    "/mounts/0/gidMappings: expected mappings as in /mounts/0/uidMappings, found none",
  ],
  [
    "a mount whose mappings overlap",
    false,
    {
      ...bind("bind", "idmap"),
      ...{ uidMappings: [mapping(0, 5, 2), mapping(1, 10, 1)], gidMappings: [mapping(0, 5, 1)] },
    },
    "/mounts/0/uidMappings/1/containerID: expected ids that mapping 0 does not have, found 1",
  ],
  [
    "idmap without anything to map by",
    false,
    bind("rbind", "ridmap"),
    '/mounts/0/options/1: expected /mounts/0/uidMappings, or a namespace of type user in /linux/namespaces, found "ridmap"',
  ],
  [
    "an owner that is not mapped",
    true,
    { destination: "/x", type: "tmpfs", options: ["mode=755", "gid=10"] },
    '/mounts/0/options/1: expected an id of /linux/gidMappings, found "gid=10"',
  ],
];

for (const [title, user, mount, message] of broken) {
  test(`the rules for mounts refuse ${title}`, () => {
    assert.deepEqual(messages([mount], user), [message]);
  });
}

const allowed: readonly (readonly [title: string, user: boolean, mount: object])[] = [
  ["a relative destination", false, { destination: "proc", type: "proc" }],
  ["names with dots", false, { destination: "/a/..b/c..", type: "tmpfs" }],
  ["empty mappings", false, { ...bind("bind"), uidMappings: [], gidMappings: [] }],
  ["a remount without a source", false, { destination: "/x", options: ["bind", "remount", "ro"] }],
  ["idmap by the container's mappings", true, bind("rbind", "idmap")],
  ["an owner that is mapped", true, { destination: "/x", type: "tmpfs", options: ["uid=9", "gid=0"] }],
];

for (const [title, user, mount] of allowed) {
  test(`the rules for mounts allow ${title}`, () => {
    assert.deepEqual(messages([mount], user), []);
  });
}
