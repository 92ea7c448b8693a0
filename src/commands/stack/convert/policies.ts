import type { RestartPolicy, ServiceContainer, ServiceMode, TaskSpec, UpdateConfig } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { parseCpus } from '../../container/options/resources.ts';
import { withoutEmpty } from '../../service/spec/empty.ts';
import { parseDuration } from '../../values.ts';
import type { ComposeDeploy, ComposeRollout, ComposeService } from '../compose/types.ts';

/** Nanoseconds of a time that may be missing. */
const time = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));

/** How tasks are exchanged. */
export function convertRollout(rollout: ComposeRollout | undefined): UpdateConfig | undefined {
  if (!rollout) return undefined;
  return {
    Order: rollout.order ?? '',
    ...withoutEmpty<UpdateConfig>(
      {
        Parallelism: rollout.parallelism ?? 1,
        Delay: time(rollout.delay),
        FailureAction: rollout.failure_action,
        Monitor: time(rollout.monitor),
        MaxFailureRatio: rollout.max_failure_ratio ?? 0,
        Order: rollout.order,
      },
      ['Parallelism', 'MaxFailureRatio'],
    ),
  };
}

/** How many tasks there are. Throws CommandError when that contradicts the mode. */
export function convertMode({ mode = '', replicas }: ComposeDeploy): ServiceMode {
  switch (mode) {
    case 'global':
    case 'global-job':
      if (replicas !== undefined) throw new CommandError('replicas can only be used with replicated mode');
      return mode === 'global' ? { Global: {} } : { GlobalJob: {} };
    case '':
    case 'replicated':
      return { Replicated: replicas === undefined ? {} : { Replicas: replicas } };
    case 'replicated-job':
      return {
        ReplicatedJob: replicas === undefined ? {} : { MaxConcurrent: replicas, TotalCompletions: replicas },
      };
    default:
      throw new CommandError(`Unknown mode: ${mode}`);
  }
}

/** When tasks are started again; `restart` of a service counts where its deployment says nothing. */
export function convertRestart(
  restart = '',
  policy: ComposeDeploy['restart_policy'],
): RestartPolicy | undefined {
  if (policy) {
    const { condition, max_attempts: MaxAttempts } = policy;
    const values = { Delay: time(policy.delay), MaxAttempts, Window: time(policy.window) };
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    return withoutEmpty<RestartPolicy>({ Condition: condition, ...Object.fromEntries(given) }, [
      'MaxAttempts',
      'Delay',
    ]);
  }
  const [, name = '', count = '0'] = /^([^:]*)(?::(\d+))?$/.exec(restart) ?? [restart, restart];
  switch (name) {
    case '':
    case 'no':
      return undefined;
    case 'always':
    case 'unless-stopped':
      return { Condition: 'any' };
    case 'on-failure':
      return { Condition: 'on-failure', MaxAttempts: Number(count) };
    default:
      throw new CommandError(`unknown restart policy: ${name}`);
  }
}

/** Limits, and what a node must have free. */
export function convertResources({ resources = {} }: ComposeDeploy): TaskSpec['Resources'] {
  const { limits, reservations } = resources;
  const amounts = (part: { cpus?: string; memory?: string }) => ({
    NanoCPUs: part.cpus ? parseCpus(part.cpus) : undefined,
    MemoryBytes: part.memory ? Number(part.memory) : undefined,
  });
  return {
    ...(limits ? { Limits: withoutEmpty({ ...amounts(limits), Pids: limits.pids }) } : {}),
    ...(reservations
      ? {
          Reservations: withoutEmpty({
            ...amounts(reservations),
            GenericResources: (reservations.generic_resources ?? []).map((one) => ({
              DiscreteResourceSpec: {
                Kind: one.discrete_resource_spec?.kind ?? '',
                Value: one.discrete_resource_spec?.value ?? 0,
              },
            })),
          }),
        }
      : {}),
  };
}

/** A health check. Throws CommandError when one that is switched off has a command. */
export function convertHealth(health: ComposeService['healthcheck']): ServiceContainer['Healthcheck'] {
  if (!health) return undefined;
  if (health.disable) {
    if (health.test?.length) throw new CommandError("test and disable can't be set at the same time");
    return { Test: ['NONE'] };
  }
  return withoutEmpty({
    Test: health.test,
    Interval: time(health.interval),
    Timeout: time(health.timeout),
    StartPeriod: time(health.start_period),
    StartInterval: time(health.start_interval),
    Retries: health.retries,
  });
}
