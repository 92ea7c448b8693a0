import type { ContainerTop } from '@davit/api';
import { EngineError } from '../errors.ts';
import { containerCgroup, processesIn } from '../runtime/cgroup.ts';
import { listHostProcesses } from '../runtime/processes.ts';
import type { Context } from './context.ts';
import { checkRunning } from './exec.ts';

/** Picks the lines of `ps` that are about certain processes. */
export function selectProcesses(output: string, pids: ReadonlySet<number>): ContainerTop {
  const [heading = '', ...lines] = output.split('\n').filter((line) => line.trim() !== '');
  const Titles = heading.trim().split(/\s+/);
  const pidColumn = Titles.indexOf('PID');
  if (pidColumn < 0) throw new EngineError('badParameter', "Couldn't find PID field in ps output");
  const Processes = lines
    .map((line) => {
      const words = line.trim().split(/\s+/);
      // The last column is the command with its arguments.
      return [...words.slice(0, Titles.length - 1), words.slice(Titles.length - 1).join(' ')];
    })
    .filter((words) => pids.has(Number(words[pidColumn])));
  return { Titles, Processes };
}

/** Lists the processes of a container with the host's ps and the arguments given to it. */
export async function listProcesses(context: Context, name: string, psArgs: string): Promise<ContainerTop> {
  const record = context.store.find(name);
  checkRunning(record);
  const { hostConfig, id } = record;
  const cgroup = containerCgroup(
    context.engineId,
    hostConfig.CgroupParent || context.config.cgroupParent,
    id,
  );
  const pids = await processesIn(cgroup);
  const output = await listHostProcesses(psArgs || '-ef', pids);
  context.publish('top', record);
  return selectProcesses(output, new Set(pids));
}
