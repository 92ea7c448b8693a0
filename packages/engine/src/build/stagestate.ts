import type { ImageConfig } from '@davit/api';
import { commandOf, lookupIn, type Reading } from '../images/changes.ts';
import { expandWord } from '../images/words.ts';
import type { Build } from './build.ts';
import type { Stage } from './plan.ts';
import type { Snapshot } from './snapshot.ts';
import { firstOf, lookupOf, proxyArguments } from './variables.ts';

/** A stage that is being built. */
export interface StageState {
  stage: Stage;
  snapshot: Snapshot;
  /** ID of the image as it is now. */
  id: string;
  /** Arguments that are declared so far; undefined where they have no value. */
  args: Record<string, string | undefined>;
  /** A CMD of this stage is not forgotten with the next ENTRYPOINT. */
  hasCommand: boolean;
  useCache: boolean;
  escapedBy: string;
}

/** How the words of a stage's instructions are read: what ENV sets goes before arguments. */
export function readingOf({ snapshot, args, escapedBy }: StageState): Reading {
  return { lookup: firstOf(lookupIn(snapshot.config), lookupOf(args)), escapedBy };
}

export function expand(state: StageState, word: string): string {
  const { lookup, escapedBy } = readingOf(state);
  return expandWord(word, lookup, escapedBy);
}

/** The arguments that RUN sees as variables: those that no ENV hides, as `NAME=value`, in order. */
export function runArguments({ snapshot, args }: StageState): string[] {
  const inEnvironment = lookupIn(snapshot.config);
  return Object.entries(args)
    .filter(([name, value]) => value !== undefined && inEnvironment(name) === undefined)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

/** Those that are given without being asked for, and do not count for the cache. */
export function proxiesOf({ options }: Build, { args }: StageState): string[] {
  return Object.entries(options.buildArgs)
    .filter(([name, value]) => proxyArguments.has(name) && value !== null && !Object.hasOwn(args, name))
    .map(([name, value]) => `${name}=${value}`);
}

/** What a configuration step is called in the history. */
export function historyOf(config: ImageConfig, text: string): string {
  return [...commandOf(config, '').slice(0, -1), '#(nop) ', text].join(' ');
}
