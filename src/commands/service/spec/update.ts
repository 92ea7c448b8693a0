import type { Placement, ServiceSpec, TaskSpec } from '@davit/api';
import type { Client } from '../../../http/client.ts';
import { splitPair } from '../../values.ts';
import type { UpdateOptions } from '../flags/command.ts';
import { withoutEmpty } from './empty.ts';
import { changeGenericResources } from './generic.ts';
import { logDriver } from './health.ts';
import { changeMap, changeSet } from './lists.ts';
import { changeMode } from './mode.ts';
import { changeNetworks } from './networks.ts';
import { spreadOver } from './placement.ts';
import { changePorts } from './ports.ts';
import { changeRestart, changeRollback, changeUpdate } from './rollout.ts';
import { changeContainer, type UpdateSources } from './update-container.ts';

function resources(before: TaskSpec['Resources'], options: UpdateOptions): TaskSpec['Resources'] {
  const { limitCpu, limitMemory, limitPids, reserveCpu, reserveMemory } = options;
  const { genericResourceAdd: add, genericResourceRm: remove } = options;
  const numbers = [limitCpu, limitMemory, limitPids, reserveCpu, reserveMemory];
  if (numbers.every((number) => number === undefined) && add.length + remove.length === 0) return before;
  const { Limits, Reservations } = before ?? {};
  return {
    ...before,
    Limits: withoutEmpty({
      ...Limits,
      NanoCPUs: limitCpu ?? Limits?.NanoCPUs,
      MemoryBytes: limitMemory ?? Limits?.MemoryBytes,
      Pids: limitPids ?? Limits?.Pids,
    }),
    Reservations: withoutEmpty({
      ...Reservations,
      NanoCPUs: reserveCpu ?? Reservations?.NanoCPUs,
      MemoryBytes: reserveMemory ?? Reservations?.MemoryBytes,
      GenericResources: changeGenericResources(Reservations?.GenericResources ?? [], add, remove),
    }),
  };
}

function placement(before: Placement | undefined, options: UpdateOptions): Placement | undefined {
  const { constraintAdd, constraintRm, placementPrefAdd, placementPrefRm, replicasMaxPerNode } = options;
  const hasConstraints = constraintAdd.length + constraintRm.length > 0;
  const hasPreferences = placementPrefAdd.length + placementPrefRm.length > 0;
  if (!hasConstraints && !hasPreferences && replicasMaxPerNode === undefined) return before;
  const preferences = (before?.Preferences ?? []).filter(
    ({ Spread }) => !placementPrefRm.includes(Spread?.SpreadDescriptor ?? ''),
  );
  return withoutEmpty({
    ...before,
    ...(hasConstraints ? { Constraints: changeSet(before?.Constraints, constraintAdd, constraintRm) } : {}),
    ...(hasPreferences ? { Preferences: [...preferences, ...placementPrefAdd.map(spreadOver)] } : {}),
    MaxReplicas: replicasMaxPerNode ?? before?.MaxReplicas,
  });
}

async function networks(spec: ServiceSpec, options: UpdateOptions, client: Client) {
  const { networkAdd: added, networkRm: removed } = options;
  // Older services have their networks beside the task.
  const before = spec.TaskTemplate.Networks ?? spec.Networks;
  if (added.length + removed.length === 0)
    return { ofTask: spec.TaskTemplate.Networks, outside: spec.Networks };
  return { ofTask: await changeNetworks(before ?? [], { added, removed }, client), outside: undefined };
}

function endpoint(before: ServiceSpec['EndpointSpec'], options: UpdateOptions): ServiceSpec['EndpointSpec'] {
  const { endpointMode, publishAdd: added, publishRm: removed } = options;
  if (endpointMode === undefined && added.length + removed.length === 0) return before;
  return withoutEmpty({
    ...before,
    Mode: endpointMode ?? before?.Mode,
    Ports: changePorts(before?.Ports ?? [], { added, removed }),
  });
}

/**
 * A service with what the flags of `update` change; all else stays as it is. Throws CommandError in docker's words,
 * ApiError when what they name is not there.
 */
export async function changeSpec(
  spec: ServiceSpec,
  options: UpdateOptions,
  sources: UpdateSources,
): Promise<ServiceSpec> {
  const task = spec.TaskTemplate;
  const changed = {
    Resources: resources(task.Resources, options),
    RestartPolicy: changeRestart(task.RestartPolicy, options),
    Placement: placement(task.Placement, options),
    LogDriver: logDriver(options) ?? task.LogDriver,
    ForceUpdate: (task.ForceUpdate ?? 0) + (options.force ? 1 : 0),
  };
  const attached = await networks(spec, options, sources.client);
  const mode = changeMode(spec.Mode, options);
  const container = await changeContainer(task.ContainerSpec ?? {}, options, sources);
  return withoutEmpty<ServiceSpec>(
    {
      ...spec,
      Labels: changeMap(spec.Labels, options.labelAdd.map(splitPair), options.labelRm),
      TaskTemplate: withoutEmpty<TaskSpec>(
        { ...task, ...changed, Networks: attached.ofTask, ContainerSpec: container },
        ['Placement', 'ForceUpdate', 'Resources', 'ContainerSpec'],
      ),
      Mode: mode,
      UpdateConfig: changeUpdate(spec.UpdateConfig, options),
      RollbackConfig: changeRollback(spec.RollbackConfig, options),
      Networks: attached.outside,
      EndpointSpec: endpoint(spec.EndpointSpec, options),
    },
    ['Labels', 'EndpointSpec', 'Mode'],
  );
}
