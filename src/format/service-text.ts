import type { NodeResources, Service, ServiceContainer, ServiceSpec, UpdateConfig } from '@davit/api';
import { binarySize, goDuration, timeAgo } from './units.ts';

interface ServiceTextOptions {
  /** Names of the service's networks. */
  networks: readonly string[];
  now: Date;
}

function modeLines({ Mode = {} }: ServiceSpec): string[] {
  if (Mode.Global) return ['Service Mode:\tGlobal'];
  if (!Mode.Replicated) {
    const job = Mode.ReplicatedJob ? 'ReplicatedJob' : Mode.GlobalJob ? 'GlobalJob' : '';
    return [`Service Mode:${job === '' ? '' : `\t${job}`}`];
  }
  const { Replicas } = Mode.Replicated;
  return ['Service Mode:\tReplicated', ...(Replicas === undefined ? [] : [` Replicas:\t${Replicas}`])];
}

function updateStatusLines({ UpdateStatus }: Service, now: Date): string[] {
  if (!UpdateStatus?.State) return [];
  const { State, StartedAt, CompletedAt, Message = '' } = UpdateStatus;
  return [
    'UpdateStatus:',
    ` State:\t\t${State}`,
    ...(StartedAt ? [` Started:\t${timeAgo(StartedAt, now).toLowerCase()}`] : []),
    ...(State === 'completed' && CompletedAt
      ? [` Completed:\t${timeAgo(CompletedAt, now).toLowerCase()}`]
      : []),
    ` Message:\t${Message}`,
  ];
}

function placementLines({ TaskTemplate: { Placement = {} } }: ServiceSpec): string[] {
  const spreads = (Placement.Preferences ?? []).map(({ Spread }) => `spread=${Spread?.SpreadDescriptor}`);
  return [
    'Placement:',
    ...(Placement.Constraints?.length ? [` Constraints:\t[${Placement.Constraints.join(' ')}]`] : []),
    ...(spreads.length > 0 ? [` Preferences:   [${spreads.join(' ')}]`] : []),
    ...(Placement.MaxReplicas ? [` Max Replicas Per Node:   ${Placement.MaxReplicas}`] : []),
  ];
}

function configLines(kind: 'Update' | 'Rollback', config: UpdateConfig | undefined): string[] {
  if (!config) return [];
  return [
    `${kind}Config:`,
    ` Parallelism:\t${config.Parallelism}`,
    ...(config.Delay ? [` Delay:\t\t${goDuration(config.Delay)}`] : []),
    ` On failure:\t${config.FailureAction ?? ''}`,
    ...(config.Monitor ? [` Monitoring Period: ${goDuration(config.Monitor)}`] : []),
    ` Max failure ratio: ${config.MaxFailureRatio ?? 0}`,
    ` ${`${kind} order:`.padEnd(18)} ${config.Order ?? ''}`,
  ];
}

function containerLines(container: ServiceContainer): string[] {
  const { CapabilityAdd, CapabilityDrop, Args, Env, Dir, User, Init } = container;
  const words = (list: string[]) => list.map((word) => `${word} `).join('');
  return [
    'ContainerSpec:',
    ` Image:\t\t${container.Image ?? ''}`,
    ...(Args?.length ? [` Args:\t\t${words(Args)}`] : []),
    ...(Env?.length ? [` Env:\t\t${words(Env)}`] : []),
    ...(Dir ? [` Dir:\t\t${Dir}`] : []),
    ...(typeof Init === 'boolean' ? [` Init:\t\t${Init}`] : []),
    ...(User ? [` User: ${User}`] : []),
    ...(CapabilityAdd?.length || CapabilityDrop?.length ? ['Capabilities:'] : []),
    ...(CapabilityAdd?.length ? [` Add: ${CapabilityAdd.join(', ')}`] : []),
    ...(CapabilityDrop?.length ? [` Drop: ${CapabilityDrop.join(', ')}`] : []),
  ];
}

/** Lines below a heading; nothing when there are none. */
const section = (heading: string, lines: string[]) => (lines.length > 0 ? [heading, ...lines] : []);

/** Pairs in the order of their names, a line each. */
function pairLines(pairs: Record<string, string> | null | undefined, indent: string, sign: string): string[] {
  return Object.entries(pairs ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${indent}${name}${value === '' ? '' : `${sign}${value}`}`);
}

function settingLines({ Sysctls, Ulimits, Mounts, Configs, Secrets }: ServiceContainer): string[] {
  const sources = (name: string | undefined, source: string) => [
    ` Target:\t${name ?? ''}`,
    `  Source:\t${source}`,
  ];
  return [
    ...section('SysCtls:', pairLines(Sysctls, ' ', ': ')),
    ...section(
      'Ulimits:',
      (Ulimits ?? []).map(({ Name, Soft, Hard }) => ` ${Name}: ${Soft}:${Hard}`),
    ),
    ...section(
      'Mounts:',
      (Mounts ?? []).flatMap(({ Target, Source, ReadOnly, Type }) => [
        ` Target:\t${Target ?? ''}`,
        `  Source:\t${Source ?? ''}`,
        `  ReadOnly:\t${ReadOnly ?? false}`,
        `  Type:\t\t${Type ?? ''}`,
      ]),
    ),
    ...section(
      'Configs:',
      (Configs ?? []).flatMap(({ File, ConfigName }) => sources(File?.Name, ConfigName)),
    ),
    ...section(
      'Secrets:',
      (Secrets ?? []).flatMap(({ File, SecretName }) => sources(File?.Name, SecretName)),
    ),
  ];
}

function logLines({ TaskTemplate: { LogDriver } }: ServiceSpec): string[] {
  if (!LogDriver) return [];
  return [
    'Log Driver:',
    ...(LogDriver.Name ? [` Name:\t\t${LogDriver.Name}`] : []),
    ...section(' LogOpts:', pairLines(LogDriver.Options, '  ', ':       ')),
    '',
  ];
}

function amountLines(heading: string, amounts: NodeResources | undefined): string[] {
  const { NanoCPUs, MemoryBytes, Pids } = amounts ?? {};
  return section(heading, [
    ...(NanoCPUs ? [`  CPU:\t\t${NanoCPUs / 1e9}`] : []),
    ...(MemoryBytes ? [`  Memory:\t${binarySize(MemoryBytes)}`] : []),
    ...(Pids ? [`  PIDs:\t\t${Pids}`] : []),
  ]);
}

function portLines({ Endpoint }: Service): string[] {
  const lines = (Endpoint?.Ports ?? []).flatMap((port) => [
    ` PublishedPort = ${port.PublishedPort ?? 0}`,
    `  Protocol = ${port.Protocol ?? ''}`,
    `  TargetPort = ${port.TargetPort ?? 0}`,
    `  PublishMode = ${port.PublishMode ?? ''}`,
  ]);
  const last = lines.pop();
  return last === undefined ? [] : ['Ports:', ...lines, `${last} `];
}

function healthLines({ Healthcheck }: ServiceContainer): string[] {
  if (!Healthcheck) return [];
  const { Interval, Retries = 0, StartPeriod, Timeout, Test = [] } = Healthcheck;
  return [
    ' Healthcheck:',
    `  Interval = ${goDuration(Interval)}`,
    `  Retries = ${Retries}`,
    `  StartPeriod =\t${goDuration(StartPeriod)}`,
    `  Timeout =\t${goDuration(Timeout)}`,
    ...(Test.length > 0 ? ['  Tests:', ...Test.map((word) => `\t Test = ${word}`)] : []),
  ];
}

/** A service for people, line by line as docker's client writes it. */
export function serviceText(service: Service, { networks, now }: ServiceTextOptions): string {
  const { Spec } = service;
  const container = Spec.TaskTemplate.ContainerSpec ?? {};
  const { Limits, Reservations } = Spec.TaskTemplate.Resources ?? {};
  const health = healthLines(container);
  const lines = [
    '',
    `ID:\t\t${service.ID}`,
    `Name:\t\t${Spec.Name}`,
    ...section('Labels:', pairLines(Spec.Labels, ' ', '=')),
    ...modeLines(Spec),
    ...updateStatusLines(service, now),
    ...placementLines(Spec),
    ...configLines('Update', Spec.UpdateConfig),
    ...configLines('Rollback', Spec.RollbackConfig),
    ...containerLines(container),
    ...settingLines(container),
    ...logLines(Spec),
    ...(Spec.TaskTemplate.Resources ? ['Resources:'] : []),
    ...amountLines(' Reservations:', Reservations),
    ...amountLines(' Limits:', Limits),
    ...(networks.length > 0 ? [`Networks:${networks.map((name) => ` ${name}`).join('')} `] : []),
    `Endpoint Mode:\t${Spec.EndpointSpec?.Mode ?? ''}`,
    ...portLines(service),
    ...health,
  ];
  return `${lines.join('\n')}${health.length > 0 ? ' ' : ''}\n\n`;
}
