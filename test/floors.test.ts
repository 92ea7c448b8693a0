import { globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/**
 * The floor plan, from the roof down. A file may import from its own room and from rooms on floors below it, never
 * from a neighbour on its floor and never from above. A room is a folder, or a file that stands apart from its folder.
 */
const client = [
  ['src/main.ts', 'src/index.ts'],
  ['src/dispatch.ts'],
  ['src/hints', 'src/aliases.ts', 'src/completion'],
  ['src/commands/help.ts'],
  ['src/program.ts'],
  ['src/program'],
  ['src/commands'],
  ['src/context.ts'],
  ['src/config', 'src/format'],
  ['src/terminal', 'src/plugins'],
  ['src/exit.ts', 'src/files.ts'],
  ['src/http'],
  ['src/version.ts', 'src/topics'],
  // Loaded by `system check` alone, on Linux, and by `manifest`, which speaks with registries without any engine.
  ['packages/engine/src/machine', 'packages/engine/src/registry'],
  ['packages/api/src'],
];

const engine = [
  ['packages/engine/src/main.ts'],
  [
    'packages/engine/src/daemon/serve.ts',
    'packages/engine/src/daemon/check.ts',
    'packages/engine/src/flags.ts',
  ],
  ['packages/engine/src/engine.ts'],
  ['packages/engine/src/routes', 'packages/engine/src/daemon', 'packages/engine/src/machine'],
  ['packages/engine/src/server'],
  ['packages/engine/src/build'],
  ['packages/engine/src/containers', 'packages/engine/src/system'],
  ['packages/engine/src/images', 'packages/engine/src/networks', 'packages/engine/src/volumes'],
  [
    'packages/engine/src/runtime',
    'packages/engine/src/storage',
    'packages/engine/src/registry',
    'packages/engine/src/settings',
  ],
  ['packages/engine/src/logs'],
  ['packages/engine/src/state', 'packages/engine/src/events', 'packages/engine/src/server/hosts.ts'],
  [
    'packages/engine/src/process.ts',
    'packages/engine/src/config.ts',
    'packages/engine/src/clock.ts',
    'packages/engine/src/lock.ts',
    'packages/engine/src/proxies.ts',
    'packages/engine/src/trace.ts',
  ],
  ['packages/engine/src/kernel'],
  ['packages/engine/src/errors.ts', 'packages/engine/src/log.ts'],
  ['packages/api/src'],
];

/** The only rooms that may start programs. */
const startsPrograms = ['process.ts', 'machine', 'kernel', 'daemon', 'runtime', 'storage', 'networks'];

interface Import {
  from: string;
  to: string;
}

function sources(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: root }).filter((file) => !/\.(test|fixture)\.ts$/.test(file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(resolve(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return specifiers.map((specifier) => {
    if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier));
    const [, name, room] = /^@davit\/(api|engine)(?:\/(\w+))?$/.exec(specifier) ?? [];
    return name ? `packages/${name}/src/${room ? `${room}/` : ''}index.ts` : specifier;
  });
}

const files = sources('src/**/*.ts', 'packages/*/src/**/*.ts');
const imports: Import[] = files.flatMap((from) => importsOf(from).map((to) => ({ from, to })));
const inside = imports.filter(({ to }) => /^(src|packages)\/.*\.ts$/.test(to));

/** The innermost room that a file stands in. */
function placeIn(plan: string[][], file: string): { floor: number; room: string } | undefined {
  return plan
    .flatMap((rooms, floor) => rooms.map((room) => ({ floor, room })))
    .filter(({ room }) => file === room || file.startsWith(`${room}/`))
    .toSorted((first, second) => second.room.length - first.room.length)[0];
}

function violations(plan: string[][], prefix: string): string[] {
  return inside.flatMap(({ from, to }) => {
    if (!from.startsWith(prefix)) return [];
    const [source, target] = [placeIn(plan, from), placeIn(plan, to)];
    if (!source || !target) return [`${source ? to : from} stands in no room of the plan`];
    if (source.room === target.room || target.floor > source.floor) return [];
    return [`${from} imports ${to}`];
  });
}

function cycles(): string[] {
  const targets = Map.groupBy(inside, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

describe('the floor plan', () => {
  it('has no import that runs upwards or to a neighbour in the client', () => {
    expect(violations(client, 'src/')).toEqual([]);
  });

  it('has none in the engine', () => {
    expect(violations(engine, 'packages/engine/')).toEqual([]);
  });

  it('has no two files that import each other, however far around', () => {
    expect(cycles()).toEqual([]);
  });

  it('has a contract that stands on nothing', () => {
    const outward = imports.filter(
      ({ from, to }) => from.startsWith('packages/api/') && !to.startsWith('packages/api/'),
    );
    expect(outward).toEqual([]);
  });

  it('keeps programs to the rooms that may start them', () => {
    const starters = imports
      .filter(
        ({ from, to }) =>
          from.startsWith('packages/engine/') && /^node:child_process$|engine\/src\/process\.ts$/.test(to),
      )
      .map(({ from }) => from.replace('packages/engine/src/', ''))
      .filter((file) => !startsPrograms.includes(file.split('/')[0] ?? ''));
    expect([...new Set(starters)]).toEqual([]);
  });

  it('has routes that decode and encode, and nothing else', () => {
    const reach = inside.filter(
      ({ from, to }) => /engine\/src\/routes\//.test(from) && /src\/(runtime|storage|state)\//.test(to),
    );
    expect(reach).toEqual([]);
  });
});
