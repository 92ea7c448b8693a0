import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { shortId } from '../../format/text.ts';
import type { Client } from '../../http/client.ts';
import type { Output } from '../../terminal/streams.ts';
import { createNames } from './names.ts';

/** Details of a line by which a Swarm says whose it is. */
const origin = {
  node: 'com.docker.swarm.node.id',
  service: 'com.docker.swarm.service.id',
  task: 'com.docker.swarm.task.id',
};

type Details = Record<string, string>;

interface NameOptions {
  noResolve: boolean;
  noTaskIds: boolean;
  noTrunc: boolean;
  /** The largest number of a task. */
  most: number;
}

/** Tells what stands before the lines of a task: `web.1.abcdefghijkl@node`, all of them equally wide. */
export function createTaskNames(client: Client, options: NameOptions): (details: Details) => Promise<string> {
  const names = createNames(client, options.noResolve);
  const known = new Map<string, Promise<string>>();

  async function ask(details: Details): Promise<string> {
    const id = details[origin.task] ?? '';
    const [service, node, { Slot = 0 }] = await Promise.all([
      names.service(details[origin.service] ?? ''),
      names.node(details[origin.node] ?? ''),
      client.call(swarmRoutes.taskInspect, { path: { id } }),
    ]);
    const shown = options.noTaskIds ? '' : `.${options.noTrunc ? id : shortId(id)}`;
    const padding = ' '.repeat(Math.max(String(options.most).length - String(Slot).length, 0));
    return `${service}.${Slot}${shown}@${node}${padding}`;
  }

  return (details) => {
    const id = details[origin.task] ?? '';
    const name = known.get(id) ?? ask(details);
    known.set(id, name);
    return name;
  };
}

function parseDetails(text: string): Details {
  const pairs = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 0) throw new CommandError(`invalid details format: ${text}`);
    return [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))];
  });
  return Object.fromEntries(pairs);
}

/** The details that a Swarm has not added, as an engine writes them. */
function remaining(details: Details): string {
  const added = Object.values(origin);
  return Object.entries(details)
    .filter(([name]) => !added.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join(',');
}

interface LineOptions {
  details: boolean;
  timestamps: boolean;
}

/** An output that takes lines with their details, and writes them with the names of their tasks. */
export interface LineWriter extends Output {
  /** Writes what is left of a line that was not ended. */
  end(): Promise<void>;
}

/** Wraps an output; lines may arrive in pieces. Writing throws CommandError when a line has no details. */
export function createLineWriter(
  output: Output,
  nameOf: (details: Details) => Promise<string>,
  { details: wantsDetails, timestamps }: LineOptions,
): LineWriter {
  let rest = '';
  const decoder = new TextDecoder();
  /** Lines keep their order, though names have to be asked for. */
  let last: Promise<void> = Promise.resolve();

  async function named(line: string): Promise<string> {
    const [, time = '', text = '', content] =
      (timestamps ? /^(\S+ )(\S*) (.*)$/s : /^()(\S*) (.*)$/s).exec(line) ?? [];
    if (content === undefined) throw new CommandError(`invalid context in log message: ${line}`);
    const details = parseDetails(text);
    const shown = wantsDetails ? `${remaining(details)} ` : '';
    return `${time}${await nameOf(details)}    | ${shown}${content}`;
  }

  async function writeAll(lines: string[]): Promise<void> {
    let text = '';
    for (const line of lines) text += `${await named(line)}\n`;
    await output.write(text);
  }

  return {
    ...output,
    write(data) {
      rest += typeof data === 'string' ? data : decoder.decode(data, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) last = last.then(() => writeAll(lines));
      return last;
    },
    async end() {
      await last;
      if (rest !== '') await output.write(await named(rest));
    },
  };
}
