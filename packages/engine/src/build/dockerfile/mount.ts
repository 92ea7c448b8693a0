import { EngineError } from '../../errors.ts';

/** What RUN mounts for the time that it takes. */
export interface RunMount {
  type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** Where it is seen; empty: where its kind is by default. */
  target: string;
  source: string;
  from: string;
  id: string;
  readOnly: boolean;
  sharing: 'shared' | 'private' | 'locked';
  required: boolean;
  mode: number | null;
  uid: number;
  gid: number;
  /** Bytes; null: no limit. */
  size: number | null;
  /** Variable that a secret is given in; empty: none. */
  env: string;
}

const aliases: Record<string, string> = {
  dst: 'target',
  destination: 'target',
  src: 'source',
  ro: 'readonly',
  rw: 'readwrite',
};

const optionsOf: Record<RunMount['type'], readonly string[]> = {
  bind: ['target', 'source', 'from', 'readonly', 'readwrite'],
  cache: ['target', 'id', 'source', 'from', 'readonly', 'readwrite', 'sharing', 'mode', 'uid', 'gid'],
  tmpfs: ['target', 'size'],
  secret: ['target', 'id', 'required', 'mode', 'uid', 'gid', 'env', 'source'],
  ssh: ['target', 'id', 'required', 'mode', 'uid', 'gid'],
};

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** One option of a mount's text, without a look at the others. */
export function mountOption(text: string, name: string): string | undefined {
  for (const [key, value] of pairsOf(text)) if (key === name) return value;
  return undefined;
}

const pairsOf = (text: string): [string, string | undefined][] =>
  text.split(',').map((field) => {
    const equals = field.indexOf('=');
    const key = (equals === -1 ? field : field.slice(0, equals)).trim().toLowerCase();
    return [aliases[key] ?? key, equals === -1 ? undefined : field.slice(equals + 1)];
  });

/** Reads what follows `--mount=`, whose variables `expand` puts in. Throws `badParameter`. */
export function readMount(text: string, expand: (word: string) => string): RunMount {
  const pairs = pairsOf(text);
  const type = mountOption(text, 'type') ?? 'bind';
  const known = Object.hasOwn(optionsOf, type)
    ? optionsOf[type as RunMount['type']]
    : refuse(`unsupported mount type ${JSON.stringify(type)}`);
  const given = new Map<string, string | undefined>();
  for (const [key, value] of pairs) {
    if (key === 'type') continue;
    if (!known.includes(key)) refuse(`unexpected key '${key}' for mount type '${type}'`);
    given.set(key, value === undefined ? undefined : expand(value));
  }
  const word = (key: string) => given.get(key) ?? '';
  const truth = (key: string) =>
    given.has(key) && !['false', '0'].includes((given.get(key) ?? 'true').toLowerCase());
  const number = (key: string, base = 10) => {
    if (!given.has(key)) return null;
    const value = word(key);
    if (!(base === 8 ? /^[0-7]{1,5}$/ : /^\d{1,10}$/).test(value))
      refuse(`invalid value for ${key}: ${value}`);
    return Number.parseInt(value, base);
  };
  const sharing = word('sharing') || 'shared';
  if (sharing !== 'shared' && sharing !== 'private' && sharing !== 'locked')
    refuse(`unsupported sharing value ${JSON.stringify(sharing)}`);
  const mount: RunMount = {
    type: type as RunMount['type'],
    target: word('target'),
    source: word('source'),
    from: word('from'),
    id: word('id'),
    readOnly: type === 'bind' ? !truth('readwrite') && !isOff(given, 'readonly') : truth('readonly'),
    sharing,
    required: truth('required'),
    mode: number('mode', 8),
    uid: number('uid') ?? 0,
    gid: number('gid') ?? 0,
    size: given.has('size') ? readSize(word('size')) : null,
    env: word('env'),
  };
  if (mount.target === '' && ['bind', 'cache', 'tmpfs'].includes(type))
    refuse(`invalid mount type '${type}': missing target path`);
  if (type === 'secret' && mount.id === '' && mount.source === '' && mount.target === '')
    refuse('invalid secret mount: an id or a target is needed');
  return mount;
}

const isOff = (given: Map<string, string | undefined>, key: string) =>
  ['false', '0'].includes((given.get(key) ?? 'true').toLowerCase());

const units: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function readSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([bkmg]?)b?$/i.exec(text) ?? refuse(`invalid size: ${text}`);
  return Number(digits) * (units[unit.toLowerCase()] ?? 1);
}
