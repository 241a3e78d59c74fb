// What a chapter is: a sentence of explanation and the checks that follow from it.
import type { Trial } from "./trial.js";

export interface Check {
  /** Short name, unique in its chapter; with the chapter's name it is the key in peers.json. */
  readonly name: string;
  /** What must be true, in words for people. */
  readonly title: string;
  /** Runs while nothing else does: it measures time or processors. */
  readonly alone: boolean;
  readonly body: (trial: Trial) => Promise<void>;
}

export interface Chapter {
  readonly name: string;
  readonly title: string;
  /** What this part of a container is for. */
  readonly about: string;
  readonly checks: readonly Check[];
  /** Cgroup controller without which this machine can run none of the checks. */
  readonly needs?: string;
}

type Body = (trial: Trial) => Promise<void>;

export function check(name: string, title: string, body: Body): Check {
  return { name, title, alone: false, body };
}

/** A check that must have the machine for itself. */
export function checkAlone(name: string, title: string, body: Body): Check {
  return { name, title, alone: true, body };
}

/** Thrown by a check that this machine cannot run; the reason is printed. */
export class Skip extends Error {
  override readonly name = "Skip";
}
