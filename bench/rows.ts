import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { buildRows } from './build-rows.ts';
import { imageRows } from './image-rows.ts';
import type { Row } from './row.ts';
import type { Tool } from './tool.ts';

const line = 'a line of seventy bytes, as long as many lines of real logs are, mostly.';
/** Prints 100 MB in lines of 70 bytes. */
const flood = ['sh', '-c', `yes '${line.slice(0, 69)}' | head -c 100000000`];
const fifty = Array.from({ length: 50 }, (_, index) => `fifty${index}`);

const sleeper = (name: string) => ['run', '-d', '--name', name, 'busybox', 'sleep', '100000'];

async function fiftySleepers(tool: Tool): Promise<number> {
  return tool.timeMany(fifty.map(sleeper), 8);
}

/** `cp` of a file into a container that runs, and out of it. */
const copies = ['in', 'out'].map((direction): Row => {
  const key = `cp-${direction}`;
  const place = (tool: Tool) => `${tmpdir()}/davit-bench-${process.pid}-${tool.name}-${key}`;
  return {
    key,
    title: `cp of 100 MB ${direction}`,
    aim: 0.8,
    async prepare(tool) {
      writeFileSync(place(tool), Buffer.alloc(100_000_000, line));
      await tool.time(sleeper(key));
      await tool.time(['cp', place(tool), `${key}:/big`]);
    },
    measure: (tool) => {
      const inside = `${key}:/big`;
      return tool.time(direction === 'in' ? ['cp', place(tool), inside] : ['cp', inside, place(tool)]);
    },
    async cleanUp(tool) {
      rmSync(place(tool));
      await tool.time(['rm', '-f', key]);
    },
  };
});

/** The rows of the project's table of speed that exist so far. */
export const rows: Row[] = [
  {
    key: 'version',
    title: '--version',
    aim: 3.5,
    aimToNode: 1.5,
    measure: (tool) => tool.time(['--version']),
  },
  { key: 'ps', title: 'ps', aim: 4, aimToNode: 2, measure: (tool) => tool.time(['ps']) },
  {
    key: 'complete',
    title: 'a completion with names of containers',
    aim: 4,
    aimToNode: 2,
    measure: (tool) => tool.time(['__complete', 'stop', '']),
  },
  {
    key: 'inspect',
    title: 'inspect of an image',
    aim: 4,
    aimToNode: 2,
    measure: (tool) => tool.time(['inspect', 'busybox']),
  },
  {
    key: 'run',
    title: 'run --rm busybox true, bridge',
    aim: 0.3,
    measure: (tool) => tool.time(['run', '--rm', 'busybox', 'true']),
  },
  {
    key: 'run-none',
    title: 'the same, --network none',
    aim: 0.3,
    measure: (tool) => tool.time(['run', '--rm', '--network', 'none', 'busybox', 'true']),
  },
  {
    key: 'run-host',
    title: 'the same, --network host',
    aim: 0.4,
    measure: (tool) => tool.time(['run', '--rm', '--network', 'host', 'busybox', 'true']),
  },
  {
    key: 'run-d',
    title: 'run -d',
    aim: 0.35,
    measure: (tool, round) => tool.time(sleeper(`run-d${round}`)),
  },
  {
    key: 'rm-f',
    title: 'rm -f (stop signal KILL)',
    aim: 0.5,
    async measure(tool, round) {
      await tool.time([
        'run',
        '-d',
        '--name',
        `rm-f${round}`,
        '--stop-signal',
        'KILL',
        'busybox',
        'sleep',
        '100000',
      ]);
      return tool.time(['rm', '-f', `rm-f${round}`]);
    },
  },
  {
    key: 'exec',
    title: 'exec CONT true',
    aim: 0.9,
    prepare: (tool) => tool.time(sleeper('exec')),
    measure: (tool) => tool.time(['exec', 'exec', 'true']),
    cleanUp: (tool) => tool.time(['rm', '-f', 'exec']),
  },
  {
    key: 'exec-cat',
    title: 'exec cat of 100 MB',
    aim: 0.6,
    async prepare(tool) {
      await tool.time(sleeper('exec-cat'));
      await tool.time(['exec', 'exec-cat', 'sh', '-c', 'head -c 100000000 /dev/zero > /big']);
    },
    measure: (tool) => tool.time(['exec', 'exec-cat', 'cat', '/big']),
    cleanUp: (tool) => tool.time(['rm', '-f', 'exec-cat']),
  },
  ...copies,
  {
    key: 'memory',
    title: "engine's memory (PSS), idle",
    aim: 0.7,
    unit: 'MB',
    mostRounds: 3,
    measure: async (tool) => tool.memory(),
  },
  {
    key: 'start-50',
    title: 'start 50 containers, 8 at a time',
    aim: 0.35,
    mostRounds: 3,
    async measure(tool) {
      const seconds = await fiftySleepers(tool);
      await tool.time(['rm', '-f', ...fifty]);
      return seconds;
    },
  },
  {
    key: 'memory-50',
    title: 'its memory with 50 containers, monitors counted',
    aim: 0.5,
    unit: 'MB',
    mostRounds: 1,
    prepare: fiftySleepers,
    measure: async (tool) => tool.memory(),
    cleanUp: (tool) => tool.time(['rm', '-f', ...fifty]),
  },
  {
    key: 'rm-50',
    title: 'rm -f of all 50',
    aim: 0.3,
    mostRounds: 3,
    async measure(tool) {
      await fiftySleepers(tool);
      return tool.time(['rm', '-f', ...fifty]);
    },
  },
  {
    key: 'logs',
    title: 'logs of 100 MB in 70-byte lines',
    aim: 0.05,
    mostRounds: 3,
    async prepare(tool) {
      await tool.time(['run', '-d', '--name', 'logs', 'busybox', ...flood]);
      await tool.time(['wait', 'logs']);
    },
    measure: (tool) => tool.time(['logs', 'logs']),
    cleanUp: (tool) => tool.time(['rm', 'logs']),
  },
  {
    key: 'logs-tail',
    title: 'logs --tail 10 of it',
    aim: 4,
    async prepare(tool) {
      await tool.time(['run', '-d', '--name', 'tail', 'busybox', ...flood]);
      await tool.time(['wait', 'tail']);
    },
    measure: (tool) => tool.time(['logs', '--tail', '10', 'tail']),
    cleanUp: (tool) => tool.time(['rm', 'tail']),
  },
  {
    key: 'run-100mb',
    title: 'run --rm printing 100 MB',
    aim: 0.25,
    mostRounds: 3,
    measure: (tool) => tool.time(['run', '--rm', 'busybox', ...flood]),
  },
  ...imageRows,
  ...buildRows,
];
