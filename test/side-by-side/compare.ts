import { type Result, run } from '../support/command.ts';
import { type Difference, differences, type Subject } from './differences.ts';
import type { Lane } from './lanes.ts';
import { createSide, type Side, typeAll } from './side.ts';

/** One line, and what came back from the original and from davit's half in its place. */
export interface Pair {
  readonly lane: string;
  readonly line: string;
  readonly original: Result;
  readonly ours: Result;
  readonly isSame: boolean;
}

export type Comparison = Record<Subject, Pair[]>;

function pairs(
  lanes: readonly Lane[],
  originals: Map<string, Result[]>,
  ours: Map<string, Result[]>,
): Pair[] {
  const none: Result = { code: -1, stdout: '', stderr: '' };
  return lanes.flatMap(({ name, lines }) =>
    lines.map((line, at) => {
      const original = originals.get(name)?.[at] ?? none;
      const own = ours.get(name)?.[at] ?? none;
      const isSame =
        original.code === own.code && original.stdout === own.stdout && original.stderr === own.stderr;
      return { lane: name, line, original, ours: own, isSame };
    }),
  );
}

/**
 * Types all lanes three times at once: with docker at dockerd, with davit at a second dockerd, and with docker at
 * davitd, each of them started for it. Needs root, docker and dockerd.
 */
export async function compare(lanes: readonly Lane[]): Promise<Comparison> {
  const sides: Side[] = [];
  try {
    for (const [client, engine] of [
      ['docker', 'dockerd'],
      ['davit', 'dockerd'],
      ['docker', 'davitd'],
    ] as const) {
      sides.push(await createSide(client, engine));
    }
    await Promise.all(sides.map((side) => side.start()));
    const [originals, client, engine] = await Promise.all(sides.map((side) => typeAll(side, lanes)));
    if (!originals || !client || !engine) throw new Error('a side gave no answers');
    return { clients: pairs(lanes, originals, client), engines: pairs(lanes, originals, engine) };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}

/** The versions of docker and dockerd that are compared with, such as `28.2.2`. */
export async function installedVersions(): Promise<Record<Subject, string>> {
  const of = async (program: string) => (await run(program, ['--version'])).stdout.split(/[ ,]+/)[2] ?? '';
  return { clients: await of('docker'), engines: await of('dockerd') };
}

/** The entry of the list of differences for a pair, if there is one. */
export function entryFor(subject: Subject, { lane, line }: Pair): Difference | undefined {
  return differences.find(
    (entry) => entry.between === subject && entry.lane === lane && entry.lines.includes(line),
  );
}
