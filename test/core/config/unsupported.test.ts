import assert from "node:assert/strict";
import { test } from "node:test";
import { examine, readConfig } from "../../../src/core/config/read.js";
import { TsrunError } from "../../../src/core/error.js";

const base = {
  ociVersion: "1.3.0",
  process: { cwd: "/", args: ["sh"] },
  root: { path: "rootfs" },
  linux: { namespaces: [{ type: "mount" }, { type: "network" }] },
};

const inProcess = (member: object) => ({ ...base, process: { ...base.process, ...member } });
const inLinux = (member: object) => ({ ...base, linux: { ...base.linux, ...member } });
const inMount = (member: object) => ({ ...base, mounts: [{ destination: "/a" }, { destination: "/b", ...member }] });

const asking: Readonly<Record<string, object>> = {
  "/process/apparmorProfile": inProcess({ apparmorProfile: "docker-default" }),
  "/process/selinuxLabel": inProcess({ selinuxLabel: "system_u:system_r:container_t:s0" }),
  "/mounts/1/options/0": inMount({ options: ["tmpcopyup"] }),
  "/linux/netDevices": inLinux({ netDevices: { eth0: {} } }),
  "/linux/mountLabel": inLinux({ mountLabel: "system_u:object_r:container_file_t:s0" }),
  "/linux/intelRdt": inLinux({ intelRdt: { closID: "x" } }),
  "/linux/memoryPolicy": inLinux({ memoryPolicy: { mode: "MPOL_BIND", nodes: "0" } }),
  "/linux/personality/flags": inLinux({ personality: { domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"] } }),
  "/linux/resources/blockIO/leafWeight": inLinux({ resources: { blockIO: { leafWeight: 100 } } }),
  "/linux/resources/blockIO/weightDevice/0/leafWeight": inLinux({
    resources: { blockIO: { weightDevice: [{ major: 8, minor: 0, leafWeight: 100 }] } },
  }),
};

for (const [pointer, config] of Object.entries(asking)) {
  test(`refuses ${pointer}, which is not built yet`, () => {
    const message = `config.json: ${pointer}: not supported by tsrun yet`;
    assert.throws(() => readConfig(JSON.stringify(config)), new TsrunError("unsupported", message, { pointer }));
  });
}

test("tmpcopyup is there for a new tmpfs, and for nothing else", () => {
  const refused = (member: object) => examine(JSON.stringify(inMount(member))).problems.map(({ pointer }) => pointer);
  assert.deepEqual(refused({ type: "tmpfs", options: ["nosuid", "tmpcopyup"] }), []);
  assert.deepEqual(refused({ type: "ramfs", options: ["nosuid", "tmpcopyup"] }), ["/mounts/1/options/1"]);
  assert.deepEqual(refused({ type: "tmpfs", source: "/x", options: ["tmpcopyup", "rbind"] }), ["/mounts/1/options/0"]);
});

test("what is empty asks for nothing", () => {
  const config = {
    ...inProcess({ apparmorProfile: "", selinuxLabel: "" }),
    mounts: [{ destination: "/a", uidMappings: [], gidMappings: [] }],
    linux: {
      ...base.linux,
      mountLabel: "",
      netDevices: {},
      intelRdt: {},
      memoryPolicy: {},
      personality: { domain: "LINUX", flags: [] },
      resources: { rdma: {}, blockIO: { leafWeight: 0 } },
      seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "" },
    },
  };
  assert.deepEqual(examine(JSON.stringify(config)).problems, []);
});
