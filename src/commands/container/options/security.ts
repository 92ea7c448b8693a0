import { readFileSync } from 'node:fs';
import { describeOpen } from './environment.ts';

/** What --security-opt comes to. */
export interface Security {
  options: string[];
  /** Empty lists unmask everything; null keeps what the engine masks. */
  maskedPaths: [] | null;
  readonlyPaths: [] | null;
}

/** Names of capabilities as docker sends them: `CAP_` and capitals, sorted, each once; ALL stays as it is. */
export function capabilityNames(names: readonly string[]): string[] {
  const full = names.map((name) => {
    const upper = name.trim().toUpperCase();
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
  return [...new Set(full)].sort();
}

/** Reads the values of --security-opt; a seccomp profile is read here, since its path is on this machine. */
export function parseSecurity(values: string[]): Security {
  const options = values.filter((value) => value !== 'systempaths=unconfined').map(parseOption);
  const unmasked = options.length < values.length;
  return { options, maskedPaths: unmasked ? [] : null, readonlyPaths: unmasked ? [] : null };
}

function parseOption(option: string): string {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(option) ?? [];
  if (name === undefined) {
    if (option !== 'no-new-privileges' && !option.includes(':')) {
      throw new Error(`Invalid --security-opt: ${JSON.stringify(option)}`);
    }
    return option;
  }
  if (name !== 'seccomp' || ['unconfined', 'builtin'].includes(value)) return option;
  return `seccomp=${compactJson(value)}`;
}

function compactJson(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`opening seccomp profile (${path}) failed: ${describeOpen(path, error)}`, {
      cause: error,
    });
  }
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw new Error(`compacting json for seccomp profile (${path}) failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const modes = {
  pid: { values: ['', 'host'], container: true, message: '--pid: invalid PID mode' },
  uts: { values: ['', 'host'], container: false, message: '--uts: invalid UTS mode' },
  userns: { values: ['', 'host'], container: false, message: '--userns: invalid USER mode' },
  cgroupns: { values: ['', 'host', 'private'], container: false, message: '--cgroupns: invalid CGROUP mode' },
};

/** Checks a namespace mode and returns it. */
export function checkMode(kind: keyof typeof modes, value: string): string {
  const { values, container, message } = modes[kind];
  if (values.includes(value) || (container && /^container:.+/.test(value))) return value;
  throw new Error(message);
}
