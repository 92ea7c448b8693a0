import { type Completion, directives, files, folders, nothing, words } from './answer.ts';
import type { LiveKind } from './live.ts';
import { capabilityNames, signalNames } from './names.ts';
import type { NamedFlag } from './scan.ts';

const live: Record<string, LiveKind> = {
  network: 'networks',
  net: 'networks',
  'volumes-from': 'containers',
  link: 'containers',
  context: 'contexts',
  from: 'contexts',
  'cache-from': 'images',
};

const choices: Record<string, readonly string[]> = {
  attach: ['stdin', 'stdout', 'stderr'],
  cgroupns: ['host', 'private'],
  format: ['table', 'json', 'yaml'],
  ipc: ['host', 'none', 'private', 'shareable', 'container:'],
  isolation: ['default'],
  'log-driver': ['json-file', 'local', 'none'],
  pid: ['host', 'container:'],
  platform: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
  progress: ['auto', 'plain', 'tty', 'quiet'],
  pull: ['always', 'missing', 'never'],
  restart: ['no', 'on-failure', 'on-failure:', 'always', 'unless-stopped'],
  'security-opt': [
    'no-new-privileges',
    'seccomp=',
    'seccomp=unconfined',
    'apparmor=',
    'label=',
    'systempaths=unconfined',
  ],
  userns: ['host'],
  mount: ['type=bind,source=', 'type=volume,source=', 'type=tmpfs,target='],
};

/** Names of filters, by the words of the command or of its noun. */
const filters: Record<string, readonly string[]> = {
  ps: [
    'ancestor',
    'before',
    'exited',
    'expose',
    'health',
    'id',
    'is-task',
    'label',
    'name',
    'network',
    'publish',
    'since',
    'status',
    'volume',
  ],
  images: ['before', 'dangling', 'label', 'reference', 'since', 'until'],
  network: ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'],
  volume: ['dangling', 'driver', 'label', 'name'],
  events: ['container', 'daemon', 'event', 'image', 'label', 'network', 'scope', 'type', 'volume'],
  prune: ['label', 'label!', 'until'],
};

const statuses = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];
const filterValues: Record<string, readonly string[]> = {
  status: statuses,
  dangling: ['true', 'false'],
  health: ['starting', 'healthy', 'unhealthy', 'none'],
  type: ['container', 'image', 'network', 'volume', 'daemon', 'builtin', 'custom'],
  scope: ['local', 'swarm'],
};

const fileFlags = new Set([
  ...['cidfile', 'env-file', 'file', 'iidfile', 'input', 'label-file', 'output', 'metadata-file'],
  ...['tlscacert', 'tlscert', 'tlskey'],
]);

/** What the value of a flag may be. `typed` is what there is of it, `path` the command's words. */
export function flagValues(
  { name, flag }: NamedFlag,
  typed: string,
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Completion | LiveKind {
  if (flag.type === 'bool') return words(['true', 'false']);
  if (flag.choices) return words([...flag.choices].sort());
  if (name === 'filter') return filterCompletion(typed, path);
  if (name === 'volume' || name === 'device')
    return name === 'device' || typed.startsWith('/') || typed.startsWith('.') ? files : 'volumes';
  if (name === 'env') {
    return words(
      Object.keys(environment)
        .filter((one) => /^\w+$/.test(one))
        .sort(),
    );
  }
  if (name === 'signal' || name === 'stop-signal') return words(signalNames);
  if (name === 'cap-add' || name === 'cap-drop') return words(['ALL', ...capabilityNames]);
  if (name === 'config') return folders;
  if (fileFlags.has(name)) return files;
  const kind = live[name];
  if (kind) return kind;
  const known = choices[name];
  if (!known) return nothing;
  const open = known.some((one) => /[=:,]$/.test(one) && one.startsWith(typed));
  return words(known, open ? directives.noSpace : 0);
}

function filterCompletion(typed: string, path: string): Completion {
  const [name = '', value] = typed.split(/=(.*)/s);
  if (value !== undefined) return words((filterValues[name] ?? []).map((one) => `${name}=${one}`));
  const verb = path.split(' ').at(-1) ?? '';
  const noun = { 'container ls': 'ps', 'image ls': 'images', 'network ls': 'network', 'volume ls': 'volume' }[
    path
  ];
  const known = filters[noun ?? verb] ?? [];
  return words(
    known.map((one) => `${one}=`),
    directives.noSpace,
  );
}
