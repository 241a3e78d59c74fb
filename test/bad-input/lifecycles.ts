// Verbs at the wrong time: the container stays as it was.
import type { Case } from "./case.js";
import type { Trial } from "./trial.js";

function created(trial: Trial): void {
  trial.must("create", "--bundle", "{bundle}", "{id}");
}

function running(trial: Trial): void {
  created(trial);
  trial.must("start", "{id}");
}

async function stopped(trial: Trial): Promise<void> {
  running(trial);
  trial.must("kill", "{id}", "KILL");
  await trial.reach("stopped");
}

export const lifecycles: readonly Case[] = [
  {
    title: "create with an id in use",
    prepare: created,
    says: /container with given ID already exists/,
    keeps: "created",
  },
  {
    title: "run with an id in use",
    args: ["run", "--bundle", "{bundle}", "{id}"],
    prepare: running,
    says: /container with given ID already exists/,
    keeps: "running",
  },
  {
    title: "create with the id of a stopped container",
    prepare: stopped,
    says: /container with given ID already exists/,
    keeps: "stopped",
  },
  {
    title: "start twice",
    args: ["start", "{id}"],
    prepare: running,
    says: /cannot start an already running container/,
    keeps: "running",
  },
  {
    title: "start of a stopped container",
    args: ["start", "{id}"],
    prepare: stopped,
    says: /cannot start a container that has stopped/,
    keeps: "stopped",
  },
  {
    title: "kill of a stopped container",
    args: ["kill", "{id}"],
    prepare: stopped,
    says: /container not running/,
    keeps: "stopped",
  },
  {
    title: "delete of a running container",
    args: ["delete", "{id}"],
    prepare: running,
    says: /cannot delete container bad that is not stopped: running/,
    keeps: "running",
  },
  ...["NOPE", "SIGNOPE", "65", "-1", "", "9x", "SIG"].map((signal) => ({
    title: `kill with the signal "${signal}"`,
    args: ["kill", "{id}", signal],
    prepare: running,
    says: signal === "" ? /signal/i : new RegExp(`signal.*${signal}|${signal}.*signal`, "i"),
    keeps: "running",
  })),
];
