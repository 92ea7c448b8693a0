import type { ContainerUpdateAnswer, HostConfig } from '@davit/api';
import { EngineError, messageOf } from '../errors.ts';
import { buildResources, hostWarnings } from '../runtime/resources.ts';
import { type ContainerRecord, isRunning } from '../state/containers.ts';
import type { Context } from './context.ts';
import { checkHostConfig } from './validate.ts';

/** What can be changed of a container that is there; zero and empty stand for "as it was". */
const changeable = [
  'CpuShares',
  'Memory',
  'NanoCpus',
  'BlkioWeight',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'MemoryReservation',
  'MemorySwap',
  'PidsLimit',
] as const;

/** Changes the limits and the restart policy of a container, also while it runs. */
export function updateContainer(
  context: Context,
  name: string,
  wished: HostConfig,
): Promise<ContainerUpdateAnswer> {
  const { store, runtime, locks } = context;
  const { id } = store.find(name);
  return locks.run(id, async () => {
    const record = store.find(id);
    if (record.state.status === 'removing' || context.live(record).removing) {
      throw new EngineError(
        'conflict',
        `Cannot update container ${id}: container is marked for removal and cannot be "update"`,
      );
    }
    const change = changeOf(wished);
    checkHostConfig(
      // Swap is limited together with the memory that the container has already.
      {
        ...wished,
        AutoRemove: false,
        Memory: wished.Memory || (wished.MemorySwap && record.hostConfig.Memory),
      },
      runtime.facts,
      Object.keys(runtime.known()),
    );
    checkChange(record, change, wished);
    const hostConfig: HostConfig = {
      ...record.hostConfig,
      ...change,
      ...(wished.RestartPolicy.Name === '' ? {} : { RestartPolicy: wished.RestartPolicy }),
    };
    if (isRunning(record) && record.state.status !== 'restarting' && Object.keys(change).length > 0) {
      await apply(context, record, { ...wished, ...change });
    }
    context.publish('update', store.setHostConfig(id, hostConfig));
    return { Warnings: hostWarnings({ ...wished, ...change, Ulimits: null, OomScoreAdj: 0 }, runtime.facts) };
  });
}

function changeOf(wished: HostConfig): Partial<HostConfig> {
  return Object.fromEntries(
    changeable.filter((key) => Boolean(wished[key])).map((key) => [key, wished[key]]),
  );
}

/** Refuses what does not go with what the container has. */
function checkChange(
  { id, hostConfig }: ContainerRecord,
  change: Partial<HostConfig>,
  wished: HostConfig,
): void {
  const refuseIf = (condition: boolean, reason: string) => {
    if (condition) throw new EngineError('conflict', `Cannot update container ${id}: ${reason}`);
  };
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, Memory = 0, MemorySwap = 0 } = change;
  const cannot = (what: string, because: string) =>
    `Conflicting options: ${what} cannot be updated as ${because} has already been set`;
  refuseIf(NanoCpus > 0 && hostConfig.CpuPeriod > 0, cannot('Nano CPUs', 'CPU Period'));
  refuseIf(NanoCpus > 0 && hostConfig.CpuQuota > 0, cannot('Nano CPUs', 'CPU Quota'));
  refuseIf(CpuPeriod > 0 && hostConfig.NanoCpus > 0, cannot('CPU Period', 'NanoCPUs'));
  refuseIf(CpuQuota > 0 && hostConfig.NanoCpus > 0, cannot('CPU Quota', 'NanoCPUs'));
  refuseIf(
    MemorySwap === 0 && hostConfig.MemorySwap > 0 && Memory > hostConfig.MemorySwap,
    'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
  );
  const policy = wished.RestartPolicy.Name;
  refuseIf(
    hostConfig.AutoRemove && policy !== '' && policy !== 'no',
    'Restart policy cannot be updated because AutoRemove is enabled for the container',
  );
}

/** Tells the kernel of a change, by way of the OCI runtime. */
async function apply(
  { runtime }: Context,
  { id, hostConfig }: ContainerRecord,
  change: HostConfig,
): Promise<void> {
  const { memory, cpu, pids, blockIO } = buildResources(
    // What is written of memory and of swap depends on each other.
    { ...change, MemorySwap: change.MemorySwap || (change.Memory ? hostConfig.MemorySwap : 0) },
    { rules: [], nodes: [], numbers: {} },
    runtime.facts,
  );
  try {
    await runtime.update(id, { memory, cpu, pids, blockIO });
  } catch (error) {
    throw new EngineError('internal', `Cannot update container ${id}: ${messageOf(error)}`, { cause: error });
  }
}
