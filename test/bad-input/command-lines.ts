// Command lines that mean nothing, and names that no container may have.
import type { Case } from "./case.js";

const identifier = (title: string, id: string): Case => ({
  title: `an id ${title}`,
  args: ["create", "--bundle", "{bundle}", id],
  says: /container id/i,
});

export const commandLines: readonly Case[] = [
  { title: "an unknown verb", args: ["frobnicate"], says: /frobnicate/ },
  { title: "an unknown global flag", args: ["--frobnicate", "list"], says: /frobnicate/, unlogged: true },
  { title: "an unknown flag of a verb", args: ["create", "--frobnicate", "{id}"], says: /frobnicate/ },
  { title: "an unknown short flag", args: ["create", "-Q", "{id}"], says: /\bQ\b/ },
  {
    title: "a flag without its value",
    args: ["create", "--bundle"],
    says: /flag needs an argument|requires an argument/i,
  },
  { title: "a value for a flag that takes none", args: ["delete", "--force=maybe", "{id}"], says: /force|maybe/i },
  { title: "a number that is none", args: ["create", "--preserve-fds", "many", "{id}"], says: /preserve-fds|many/i },
  {
    title: "a negative number of descriptors",
    args: ["create", "--preserve-fds", "-1", "{id}"],
    says: /preserve-fds|-1/i,
  },
  {
    title: "an unknown log format",
    args: ["--log-format", "xml", "list"],
    says: /invalid log-format: xml|log.format.*xml/i,
    unlogged: true,
  },
  {
    title: "a log in a directory that does not exist",
    args: ["--log", "{directory}/nowhere/log", "list"],
    says: /nowhere\/log.*no such file or directory/i,
    unlogged: true,
  },
  ...["create", "start", "state", "kill", "delete", "run"].map((verb) => ({
    title: `${verb} without an id`,
    args: [verb],
    says: /requires|argument|container id/i,
    helps: true as const,
  })),
  ...["start", "state", "delete"].map((verb) => ({
    title: `${verb} with two ids`,
    args: [verb, "one", "two"],
    says: /exactly|argument|two/i,
    helps: true as const,
  })),
  identifier("with a slash", "a/b"),
  identifier("that leads up", "../up"),
  identifier("of two dots", ".."),
  identifier("of one dot", "."),
  identifier("of nothing", ""),
  identifier("with a blank", "a b"),
  identifier("with a line end", "a\nb"),
  identifier("with a letter beyond ASCII", "ä"),
  identifier("with a percent sign", "a%00b"),
  { ...identifier("of 300 characters", "a".repeat(300)), says: /container id|file name too long/i },
  ...["start", "state", "delete"].map((verb) => ({
    title: `${verb} of an id that leads up`,
    args: [verb, "../up"],
    says: /container id|does not exist/i,
  })),
  ...["start", "state", "kill", "delete"].map((verb) => ({
    title: `${verb} of a container that is not there`,
    args: [verb, "nobody"],
    says: /does not exist/,
  })),
];
