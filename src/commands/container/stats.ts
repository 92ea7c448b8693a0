import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError, describeError } from '../../exit.ts';
import { formatList } from '../../format/list.ts';
import { type StatsRow, statsList } from '../../format/lists/stats.ts';
import type { Client } from '../../http/client.ts';
import type { Output } from '../../terminal/streams.ts';
import { anyNumber, defineCommand, flag } from '../command.ts';
import { containerPath } from '../container-name.ts';
import { listFormatFlag, listTemplate } from '../list-format.ts';

const table =
  'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}';

/** Milliseconds between two pictures. */
const interval = 500;
const home = '\x1b[H';
const clear = '\x1b[2J';
const clearLine = '\x1b[K';
const clearBelow = '\x1b[J';

/** The containers that are watched, in the order in which they came. */
interface Watch {
  rows: Map<string, StatsRow>;
  begin(container: string): void;
  end(container: string): void;
}

function createWatch(client: Client, signal: AbortSignal): Watch {
  const rows = new Map<string, StatsRow>();
  const follow = async (container: string): Promise<void> => {
    const answer = await client.call(routes.containerStats, {
      path: containerPath(container),
      query: {},
      signal,
    });
    for await (const stats of answer) {
      if (!rows.has(container)) return;
      rows.set(container, { container, stats });
    }
  };
  return {
    rows,
    begin(container) {
      if (rows.has(container)) return;
      rows.set(container, { container, stats: null });
      // One that is gone is shown without numbers until it is known to be removed.
      follow(container).catch(() => {
        if (rows.has(container)) rows.set(container, { container, stats: null });
      });
    },
    end: (container) => void rows.delete(container),
  };
}

async function listed(client: Client, all: boolean): Promise<string[]> {
  const containers = await client.call(routes.containerList, { query: { all } });
  return containers.map(({ Id }) => Id.slice(0, 12));
}

/** Keeps the watched containers those that run, or those that are there. */
async function followEvents(client: Client, all: boolean, watch: Watch, signal: AbortSignal): Promise<void> {
  const events = await client.call(routes.events, { query: { filters: { type: ['container'] } }, signal });
  const [begins, ends] = all ? [['create'], ['destroy']] : [['start'], ['die']];
  for await (const { Action, Actor } of events) {
    const id = Actor.ID.slice(0, 12);
    if (begins.includes(Action)) watch.begin(id);
    if (ends.includes(Action)) watch.end(id);
  }
}

/** Asks for everything once: two samples, a second apart. */
async function takeOnce(
  client: Client,
  containers: readonly string[],
  isChosen: boolean,
): Promise<StatsRow[]> {
  const rows = await Promise.all(
    containers.map(async (container): Promise<StatsRow | null> => {
      try {
        const query = { stream: false };
        for await (const stats of await client.call(routes.containerStats, {
          path: containerPath(container),
          query,
        }))
          return { container, stats };
      } catch (error) {
        if (isChosen) throw error;
      }
      // It went away since it was listed.
      return null;
    }),
  );
  return rows.filter((row) => row !== null);
}

/** Draws over the last picture, which leaves nothing of it and does not flicker. */
async function draw(out: Output, picture: string, isFirst: boolean): Promise<void> {
  if (!out.isTerminal) return out.write(picture);
  const lines = picture.split('\n').slice(0, Math.max(out.height - 1, 1));
  await out.write(
    `${isFirst ? clear : ''}${home}${lines.map((line) => `${line}${clearLine}`).join('\n')}${clearBelow}`,
  );
}

async function show(
  names: readonly string[],
  { all, noTrunc, template }: { all: boolean; noTrunc: boolean; template: string },
  context: CommandContext,
): Promise<void> {
  const client = await context.connect();
  const { signal } = context;
  const { out } = context.streams;
  const watch = createWatch(client, signal);
  if (names.length > 0) {
    for (const name of names) await client.call(routes.containerInspect, { path: containerPath(name) });
    for (const name of names) watch.begin(name);
  } else {
    followEvents(client, all, watch, signal).catch(() => undefined);
    for (const container of await listed(client, all)) watch.begin(container);
  }
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const picture = await formatList(statsList(noTrunc), [...watch.rows.values()], template, out);
    await draw(out, picture, isFirst);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, interval);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
  if (out.isTerminal) await out.line();
  signal.throwIfAborted();
}

export default defineCommand({
  usage: '[OPTIONS] [CONTAINER...]',
  summary: 'Display a live stream of container(s) resource usage statistics',
  description:
    'Shows what containers use of CPU, memory, network and disks, all that run when none is named. --format takes a ' +
    'Go template with the fields Container, ID, Name, CPUPerc, MemUsage, MemPerc, NetIO, BlockIO and PIDs.',
  examples: [
    { command: 'stats', explanation: 'Watch all that run, until Ctrl-C' },
    {
      command: "stats --no-stream --format '{{.Name}} {{.MemUsage}}'",
      explanation: 'Ask once, for a script',
    },
  ],
  arguments: anyNumber,
  flags: {
    all: flag.boolean({ short: 'a', summary: 'Show containers that do not run too' }),
    format: listFormatFlag,
    noStream: flag.boolean({ summary: 'Ask once, and end' }),
    noTrunc: flag.boolean({ summary: 'Show IDs whole' }),
  },
  run: async ({ all, format, noStream, noTrunc }, names, context) => {
    const template = listTemplate({ format }, { table, configured: context.config.format('statsFormat') });
    if (!noStream) {
      await show(names, { all, noTrunc, template }, context);
      return 0;
    }
    const client = await context.connect();
    const { out } = context.streams;
    const containers = names.length > 0 ? names : await listed(client, all);
    try {
      const rows = await takeOnce(client, containers, names.length > 0);
      await out.write(await formatList(statsList(noTrunc), rows, template, out));
    } catch (error) {
      throw new CommandError(describeError(error), 1, { cause: error });
    }
    return 0;
  },
});
