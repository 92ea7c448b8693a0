import { type Completion, directives, words } from './answer.ts';

const ofContainers = [
  ...['ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'label', 'name', 'network'],
  ...['publish', 'since', 'status', 'volume'],
];
const ofImages = ['before', 'dangling', 'label', 'reference', 'since', 'until'];
const ofTasks = ['desired-state', 'id', 'name'];
const ofFiles = ['id', 'label', 'name'];

/** Names of filters by the words of a command, or by the last of them. */
const names: Readonly<Record<string, readonly string[]>> = {
  ps: ofContainers,
  'container ls': ofContainers,
  images: ofImages,
  'image ls': ofImages,
  'network ls': ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'],
  'volume ls': ['dangling', 'driver', 'label', 'name'],
  events: ['container', 'daemon', 'event', 'image', 'label', 'network', 'scope', 'type', 'volume'],
  prune: ['label', 'label!', 'until'],
  search: ['is-automated', 'is-official', 'stars'],
  'service ls': ['id', 'label', 'mode', 'name'],
  'stack services': ['id', 'label', 'mode', 'name'],
  'service ps': [...ofTasks, 'node'],
  'stack ps': [...ofTasks, 'node'],
  'node ps': ofTasks,
  'node ls': ['id', 'label', 'membership', 'name', 'node.label', 'role'],
  'secret ls': ofFiles,
  'config ls': ofFiles,
};

const values: Readonly<Record<string, readonly string[]>> = {
  status: ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'],
  dangling: ['true', 'false'],
  health: ['starting', 'healthy', 'unhealthy', 'none'],
  type: ['container', 'image', 'network', 'volume', 'daemon', 'builtin', 'custom'],
  scope: ['local', 'swarm'],
  'desired-state': ['running', 'shutdown', 'accepted'],
  mode: ['replicated', 'global', 'replicated-job', 'global-job'],
  membership: ['accepted', 'pending'],
  role: ['manager', 'worker'],
};

/** What may be the value of --filter for a command: names of filters, and behind their `=` what is known of values. */
export function filterValue(typed: string, path: string): Completion {
  const [name = '', value] = typed.split(/=(.*)/s);
  if (value !== undefined) return words((values[name] ?? []).map((one) => `${name}=${one}`));
  const known = names[path] ?? names[path.split(' ').at(-1) ?? ''] ?? [];
  return words(
    known.map((one) => `${one}=`),
    directives.noSpace,
  );
}
