import { type Completion, files, folders, nothing, words } from './answer.ts';
import type { LiveKind } from './live.ts';

/** Commands that act on containers of one state, by their last word. */
const states: Record<string, LiveKind> = {
  attach: 'running',
  exec: 'running',
  kill: 'running',
  pause: 'running',
  stats: 'running',
  stop: 'running',
  top: 'running',
  start: 'stopped',
  rm: 'stopped',
  unpause: 'paused',
};

const kinds: [pattern: RegExp, kind: LiveKind][] = [
  [/^CONTAINER/, 'containers'],
  [/^(SOURCE_|TARGET_)?IMAGE|^REPOSITORY/, 'images'],
  [/^NETWORK/, 'networks'],
  [/^VOLUME/, 'volumes'],
  [/^CONTEXT/, 'contexts'],
  [/^SERVICE=/, 'scales'],
  [/^SERVICE/, 'services'],
  [/^STACK/, 'stacks'],
  [/^(self\|)?NODE/, 'nodes'],
  [/^SECRET/, 'secrets'],
  [/^CONFIG/, 'configs'],
];

/** Commands that make what their usage names, or find it elsewhere: there is no name yet. */
const makers =
  /^(context create|context import|volume create|network create|secret create|config create|pull|image pull|search)$/;

/** Words of the usage that stand for files and folders. */
const paths = /^(FILE|PATH|file|DIRECTORY)/;

/**
 * What may be the next argument of a command, by its usage: what stands where the argument does is what it is.
 * `args` are those before it, `force` whether --force was given.
 */
export function nextArgument(
  path: string,
  usage: string,
  args: readonly string[],
  force: boolean,
): Completion | LiveKind {
  const verb = path.split(' ').at(-1) ?? '';
  if (verb === 'cp') return 'containers';
  if (makers.test(path) && args.length === 0) return nothing;
  const placeholders = usage.replace('[OPTIONS]', '').trim().split(/ +/).filter(Boolean);
  const last = placeholders.at(-1) ?? '';
  const repeats = last.endsWith('...]');
  const placeholder = placeholders[args.length] ?? (repeats ? last : '');
  const word = placeholder.replace(/^\[+/, '');
  if (/^(COMMAND|ARG)/.test(word)) return files;
  if (path === 'inspect') return 'objects';
  const kind = kinds.find(([pattern]) => pattern.test(word))?.[1];
  if (kind === 'containers') return force && verb === 'rm' ? 'containers' : (states[verb] ?? kind);
  if (kind) return kind;
  if (/^PATH \| URL/.test(usage.replace('[OPTIONS] ', ''))) return folders;
  const choices = /^\(([a-z|]+)\)$/.exec(word)?.[1];
  if (choices) return words(choices.split('|'));
  return paths.test(word) ? files : nothing;
}
