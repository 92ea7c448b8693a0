import { type Completion, directives, files, folders, nothing, words } from './answer.ts';
import { filterValue } from './filters.ts';
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
  'network-add': 'networks',
  'network-rm': 'networks',
  image: 'images',
  'secret-add': 'secrets',
  'secret-rm': 'secrets',
  'config-add': 'configs',
  'config-rm': 'configs',
};

const choices: Record<string, readonly string[]> = {
  attach: ['stdin', 'stdout', 'stderr'],
  cgroupns: ['host', 'private'],
  format: ['table', 'json', 'yaml'],
  ipc: ['host', 'none', 'private', 'shareable', 'container:'],
  isolation: ['default'],
  'log-driver': ['journald', 'json-file', 'local', 'none', 'syslog'],
  pid: ['host', 'container:'],
  platform: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
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

const fileFlags = new Set([
  ...[
    'cidfile',
    'compose-file',
    'env-file',
    'file',
    'iidfile',
    'input',
    'label-file',
    'output',
    'metadata-file',
  ],
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
  if (name === 'filter') return filterValue(typed, path);
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
  // The same words mean files to the program itself and to builds.
  if (name === 'config') return path === '' ? folders : 'configs';
  if (name === 'secret' && path.startsWith('service ')) return 'secrets';
  if (fileFlags.has(name)) return files;
  const kind = live[name];
  if (kind) return kind;
  const known = choices[name];
  if (!known) return nothing;
  const open = known.some((one) => /[=:,]$/.test(one) && one.startsWith(typed));
  return words(known, open ? directives.noSpace : 0);
}
