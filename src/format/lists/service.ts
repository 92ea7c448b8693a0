import type { Service, ServicePort } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { shortId } from '../text.ts';

/** What a list of services can show. */
export const serviceList: ListDefinition<Service> = {
  goName: 'service.serviceContext',
  columns: {
    ID: { heading: 'ID', of: ({ ID }) => shortId(ID) },
    Name: { heading: 'NAME', of: ({ Spec }) => Spec.Name },
    Mode: { heading: 'MODE', of: ({ Spec }) => modeOf(Spec.Mode ?? {}) },
    Replicas: { heading: 'REPLICAS', of: replicas },
    Image: {
      heading: 'IMAGE',
      of: ({ Spec }) => (Spec.TaskTemplate.ContainerSpec?.Image ?? '').replace(/@sha256:[0-9a-f]+$/, ''),
    },
    Ports: { heading: 'PORTS', of: ({ Endpoint }) => describeServicePorts(Endpoint?.Ports ?? []) },
  },
};

function modeOf(mode: NonNullable<Service['Spec']['Mode']>): string {
  if (mode.Global) return 'global';
  if (mode.ReplicatedJob) return 'replicated job';
  if (mode.GlobalJob) return 'global job';
  return 'replicated';
}

function replicas({ Spec, ServiceStatus }: Service): string {
  const { RunningTasks = 0, DesiredTasks = 0, CompletedTasks = 0 } = ServiceStatus ?? {};
  const job = Spec.Mode?.ReplicatedJob;
  if (job)
    return `${RunningTasks}/${DesiredTasks} (${CompletedTasks}/${job.TotalCompletions ?? 0} completed)`;
  const most = Spec.TaskTemplate.Placement?.MaxReplicas ?? 0;
  return `${RunningTasks}/${DesiredTasks}${most > 0 ? ` (max ${most} per node)` : ''}`;
}

/** Published ports as `*:8080->80/tcp`; those that lie beside each other together. */
export function describeServicePorts(ports: readonly ServicePort[]): string {
  const groups: { outside: number; inside: number; count: number; protocol: string }[] = [];
  const published = ports.filter(({ PublishMode }) => PublishMode !== 'host');
  for (const port of published.toSorted(
    (one, other) => (one.PublishedPort ?? 0) - (other.PublishedPort ?? 0),
  )) {
    const { PublishedPort: outside = 0, TargetPort: inside = 0, Protocol: protocol = 'tcp' } = port;
    const group = groups.find(
      (each) =>
        each.protocol === protocol &&
        each.outside + each.count === outside &&
        each.inside + each.count === inside,
    );
    if (group) group.count += 1;
    else groups.push({ outside, inside, count: 1, protocol });
  }
  const range = (first: number, count: number) =>
    count === 1 ? `${first}` : `${first}-${first + count - 1}`;
  return groups
    .map(
      ({ outside, inside, count, protocol }) =>
        `*:${range(outside, count)}->${range(inside, count)}/${protocol}`,
    )
    .join(', ');
}
