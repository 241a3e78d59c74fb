// A state root on a small filesystem: with every amount of free space create either works or leaves nothing behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createArgs } from "./case.js";
import { refused, type Trial } from "./trial.js";

function mountSmall(trial: Trial, options: string): void {
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", trial.root], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
}

function unmount(trial: Trial): void {
  spawnSync("umount", ["--lazy", trial.root]);
}

/** Fills the filesystem of the state root until `pages` are free. */
function fill(trial: Trial, pages: number): void {
  const { bfree, bsize } = statfsSync(trial.root);
  writeFileSync(join(trial.root, ".filled"), Buffer.alloc((bfree - pages) * bsize));
  assert.equal(statfsSync(trial.root).bfree, pages);
}

/** create, whatever comes of it; answers whether it worked. */
async function createOnce(trial: Trial): Promise<boolean> {
  trial.configure();
  const before = trial.scene();
  const answer = trial.call(createArgs);
  const worked = answer.status === 0;
  if (worked) {
    trial.must("start", "{id}");
    trial.must("delete", "--force", "{id}");
  } else refused(answer, /no space left on device|disk quota exceeded/i);
  await trial.nothingLeft(before);
  return worked;
}

export function fullDisk(trial: () => Trial): void {
  const spaces: readonly (readonly [
    title: string,
    sizes: readonly number[],
    prepare: (trial: Trial, size: number) => void,
  ])[] = [
    [
      "pages",
      [0, 1, 2, 3, 4, 6, 8, 32],
      (one, pages) => {
        mountSmall(one, "size=1m");
        fill(one, pages);
      },
    ],
    [
      "files",
      [1, 2, 3, 4, 5, 6, 32],
      (one, files) => {
        mountSmall(one, `size=1m,nr_inodes=${String(files)}`);
      },
    ],
  ];
  for (const [title, sizes, prepare] of spaces)
    test(`create with room for ${sizes.join(", ")} ${title}`, async () => {
      const outcomes: boolean[] = [];
      for (const size of sizes) {
        const one = trial();
        prepare(one, size);
        try {
          outcomes.push(await createOnce(one));
        } finally {
          one.tidy();
          unmount(one);
        }
      }
      assert.equal(outcomes[0], false, "create worked on a full disk");
      assert.equal(outcomes.at(-1), true, "create did not work with room enough");
    });
}
