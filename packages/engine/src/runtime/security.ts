import { EngineError } from '../errors.ts';

/** What the list SecurityOpt of a container's HostConfig says. */
export interface SecurityOptions {
  noNewPrivileges: boolean;
  /** `unconfined`, the text of a profile, or empty for the engine's own. */
  seccomp: string;
  /** Name of an AppArmor profile, or empty. */
  apparmor: string;
  /** Nothing in /proc and /sys is hidden or read-only. */
  systemPathsUnconfined: boolean;
}

/** Reads SecurityOpt; refuses what dockerd refuses, in its words. */
export function parseSecurityOptions(list: readonly string[]): SecurityOptions {
  const options: SecurityOptions = {
    noNewPrivileges: false,
    seccomp: '',
    apparmor: '',
    systemPathsUnconfined: false,
  };
  for (const text of list) {
    if (text === 'no-new-privileges') {
      options.noNewPrivileges = true;
      continue;
    }
    if (text === 'disable') continue;
    const { key, value } = splitOption(text);
    if (key === 'no-new-privileges') options.noNewPrivileges = parseBoolean(value, text);
    else if (key === 'seccomp') options.seccomp = value === 'builtin' ? '' : value;
    else if (key === 'apparmor') options.apparmor = value;
    else if (key === 'systempaths' && value === 'unconfined') options.systemPathsUnconfined = true;
    // SELinux labels mean nothing to a kernel without it, and dockerd ignores them there.
    else if (key !== 'label') throw refused(2, text);
  }
  return options;
}

function splitOption(text: string): { key: string; value: string } {
  const separator = text.includes('=') ? '=' : ':';
  const at = text.indexOf(separator);
  if (at < 0) throw refused(1, text);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

function refused(number: 1 | 2, text: string): EngineError {
  return new EngineError('badParameter', `invalid --security-opt ${number}: ${JSON.stringify(text)}`);
}

function parseBoolean(value: string, text: string): boolean {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw refused(2, text);
}
