/** What an examination can come to. */
export type State = 'ok' | 'missing' | 'limited' | 'unknown';

/** What was found out about one thing that the engine stands on. */
export interface Finding {
  /** `missing` keeps the engine from working, `limited` a part of it; `unknown` is what only root can find out. */
  state: State;
  /** What is there, or what is wrong. */
  detail: string;
  /** How to mend it: a command to be typed, or what to change. Empty when there is nothing to mend. */
  remedy: string;
  /** Packages that bring what is missing, by their names in Debian: they are installed all at once. */
  packages: readonly string[];
}

/** It is there. */
export const ok = (detail: string): Finding => ({ state: 'ok', detail, remedy: '', packages: [] });

/** Without it no container runs. */
export const missing = (detail: string, remedy = '', packages: readonly string[] = []): Finding => ({
  ...{ state: 'missing', detail, remedy, packages },
});

/** Containers run, but something that they may ask for does not work. */
export const limited = (detail: string, remedy = '', packages: readonly string[] = []): Finding => ({
  ...{ state: 'limited', detail, remedy, packages },
});

/** Only root can find it out. */
export const unknown = (detail: string): Finding => ({ state: 'unknown', detail, remedy: '', packages: [] });
