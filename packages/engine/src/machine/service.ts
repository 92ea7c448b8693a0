import { constants, lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { messageOf } from '../errors.ts';
import { answers } from '../server/listen.ts';
import { createDaemonConfig, type DaemonConfig } from '../settings/daemon.ts';
import { joinValues, readConfigFile } from '../settings/file.ts';
import type { Values } from '../settings/options.ts';
import { type Finding, limited, missing, ok } from './finding.ts';
import type { Machine } from './machine.ts';

/** The engine's settings, and whether they can be used; its defaults when they cannot. */
export function readSettings(
  given: Values,
  environment: Readonly<Record<string, string | undefined>>,
): { config: DaemonConfig; finding: Finding } {
  try {
    const file = readConfigFile(undefined);
    const config = createDaemonConfig(joinValues(given, file, undefined), environment);
    const names = Object.keys(file);
    return {
      config,
      finding: ok(names.length > 0 ? `/etc/davit/daemon.json: ${names.join(', ')}` : 'defaults'),
    };
  } catch (error) {
    const finding = missing(messageOf(error), 'davitd --validate tells when it is right');
    return { config: createDaemonConfig(given, environment), finding };
  }
}

/** Where the engine listens, and who may use it. */
export async function socket(machine: Machine, path: string, group: string): Promise<Finding> {
  const user = userInfo().username;
  if (!machine.exists(path)) {
    return machine.root
      ? ok(`${path}: not there; the first command starts the engine`)
      : limited(`${path}: no engine runs, and only root starts one`, 'sudo davit info');
  }
  const { gid, mode } = lstatSync(path);
  const name = groupName(gid, machine);
  const rights = `${path} (root:${name}, mode ${(mode & 0o777).toString(8)})`;
  const works = await answers(path).catch(() => false);
  if (works) return ok(`${rights}: an engine answers; root and the group ${name} may use it`);
  if (machine.may(path, constants.W_OK))
    return ok(`${rights}: no engine answers; the next command starts one`);
  return gid === 0
    ? missing(
        `${rights}: ${user} may not use it`,
        `sudo groupadd ${group || 'davit'} && sudo usermod -aG ${group || 'davit'} ${user}, then start the engine anew`,
      )
    : missing(`${rights}: ${user} may not use it`, `sudo usermod -aG ${name} ${user}, then log in anew`);
}

function groupName(id: number, machine: Machine): string {
  const line = machine
    .read('/etc/group')
    .split('\n')
    .find((one) => one.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}
