import type { HugepageLimit, Network, Resources } from "../generated/config.js";
import { asked, type Demand, layout, mayPut, nowhere, put, type Whole } from "./limits.js";

/** 0 becomes 1: the kernel's 0 would keep even the container's own program from being executed by a fork. */
export function pidsDemand(limit: Whole): Demand {
  const value = limit < 0 ? "max" : asked(limit) ? `${limit}` : "1";
  const both = layout("pids", put("pids.max", value));
  return { pointer: "/linux/resources/pids/limit", v1: both, v2: both, late: true };
}

export function hugepageDemands(limits: readonly HugepageLimit[]): readonly Demand[] {
  return limits.map(({ pageSize, limit }, index) => {
    const size = pageName(pageSize);
    return {
      pointer: `/linux/resources/hugepageLimits/${index}`,
      v1: layout(
        "hugetlb",
        put(`hugetlb.${size}.limit_in_bytes`, `${limit}`),
        mayPut(`hugetlb.${size}.rsvd.limit_in_bytes`, `${limit}`),
      ),
      v2: layout("hugetlb", put(`hugetlb.${size}.max`, `${limit}`), mayPut(`hugetlb.${size}.rsvd.max`, `${limit}`)),
    };
  });
}

/** The kernel names a size by its largest unit: 2MB, not 2048KB. */
export function pageName(size: string): string {
  const units = ["KB", "MB", "GB"];
  let number = Number(BigInt(size.slice(0, -2)));
  let unit = units.indexOf(size.slice(-2));
  while (number % 1024 === 0 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${number}${units[unit] ?? ""}`;
}

export function networkDemands({ classID, priorities = [] }: Network): readonly Demand[] {
  const at = "/linux/resources/network";
  const ranks = priorities.map(({ name, priority }, index) => ({
    pointer: `${at}/priorities/${index}`,
    v1: layout("net_prio", put("net_prio.ifpriomap", `${name} ${priority}`)),
    v2: nowhere("net_prio"),
  }));
  if (!asked(classID)) return ranks;
  return [
    { pointer: `${at}/classID`, v1: layout("net_cls", put("net_cls.classid", `${classID}`)), v2: nowhere("net_cls") },
    ...ranks,
  ];
}

/** What is not named of a device has no limit. */
export function rdmaDemands(rdma: NonNullable<Resources["rdma"]>): readonly Demand[] {
  return Object.entries(rdma).map(([device, { hcaHandles, hcaObjects }]) => {
    const both = layout(
      "rdma",
      put("rdma.max", `${device} hca_handle=${hcaHandles ?? "max"} hca_object=${hcaObjects ?? "max"}`),
    );
    return { pointer: `/linux/resources/rdma/${escaped(device)}`, v1: both, v2: both };
  });
}

/** Lines for files of cgroup v2, which the kernel names `controller.something`. */
export function unifiedDemands(unified: NonNullable<Resources["unified"]>): readonly Demand[] {
  return Object.entries(unified).map(([file, value]) => {
    const controller = file.slice(0, Math.max(0, file.indexOf(".")));
    const values = value.split("\n").filter((line) => line !== "");
    return {
      pointer: `/linux/resources/unified/${escaped(file)}`,
      v1: nowhere(""),
      v2: { controller: controller === "cgroup" ? "" : controller, files: [{ file, values }] },
      ...(controller === "pids" ? { late: true } : {}),
    };
  });
}

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
