import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type StoredFile, type StoredFileSpec, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { formatList } from '../../format/list.ts';
import { storedFileList } from '../../format/lists/stored-file.ts';
import { compareNaturally } from '../../format/natural.ts';
import { asText } from '../../http/raw.ts';
import { atLeast, defineCommand, flag, noArguments } from '../command.ts';
import { forEachName } from '../each.ts';
import { filterFlag } from '../filter.ts';
import { inspectNames } from '../inspection.ts';
import { listFormatFlag, listTemplate, objectFormatFlag } from '../list-format.ts';
import { withManager } from '../swarm/manager.ts';

/*
 * Secrets and configs are the same thing to the client, but that a secret's data never comes back: their commands
 * are made here once.
 */

export interface Kind {
  name: 'secret' | 'config';
  /** For people, line by line as docker's client writes it. */
  text(file: StoredFile): string;
}

const routesOf = ({ name }: Kind) =>
  name === 'secret'
    ? {
        list: swarmRoutes.secretList,
        create: swarmRoutes.secretCreate,
        inspect: swarmRoutes.secretInspect,
        remove: swarmRoutes.secretRemove,
      }
    : {
        list: swarmRoutes.configList,
        create: swarmRoutes.configCreate,
        inspect: swarmRoutes.configInspect,
        remove: swarmRoutes.configRemove,
      };

/** Reads what is to be kept, from a file or standard input, as base64. Throws CommandError. */
export async function readData(path: string, { streams }: CommandContext): Promise<string> {
  if (path === '-') return (await buffer(streams.in.stream)).toString('base64');
  try {
    return await readFile(path, 'base64');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such file or directory' : String(code ?? error);
    throw new CommandError(`error reading from ${path}: open ${path}: ${reason}`, 1, { cause: error });
  }
}

/** Keeps a file in the Swarm and prints its ID. */
export async function createStoredFile(
  kind: Kind,
  body: StoredFileSpec,
  context: CommandContext,
): Promise<number> {
  return withManager(context, async (client) => {
    const { ID } = await client.call(routesOf(kind).create, { body });
    await context.streams.out.line(ID);
    return 0;
  });
}

export const listCommand = (kind: Kind) =>
  defineCommand({
    usage: '[OPTIONS]',
    summary: `List ${kind.name}s`,
    examples: [{ command: `${kind.name} ls -q`, explanation: 'IDs alone' }],
    arguments: noArguments,
    flags: {
      filter: filterFlag(),
      format: listFormatFlag,
      quiet: flag.boolean({ short: 'q', summary: 'Print IDs only' }),
    },
    run: ({ filter, format, quiet }, _args, context) =>
      withManager(context, async (client) => {
        const { out } = context.streams;
        const files = await client.call(routesOf(kind).list, { query: { filters: filter } });
        files.sort((one, other) => compareNaturally(one.Spec.Name, other.Spec.Name));
        const driver = kind.name === 'secret' ? '\t{{.Driver}}' : '';
        const table = `table {{.ID}}\t{{.Name}}${driver}\t{{.CreatedAt}}\t{{.UpdatedAt}}`;
        const configured = context.config.format(`${kind.name}Format`);
        const template = listTemplate({ format, quiet }, { table, configured });
        await out.write(await formatList(storedFileList(kind.name, new Date()), files, template, out));
        return 0;
      }),
  });

export const removeCommand = (kind: Kind) =>
  defineCommand({
    usage: `${kind.name.toUpperCase()} [${kind.name.toUpperCase()}...]`,
    summary: `Remove one or more ${kind.name}s`,
    examples: [{ command: `${kind.name} rm site`, explanation: 'Forget one that no service uses' }],
    arguments: atLeast(1),
    flags: {},
    run: (_options, names, context) =>
      withManager(context, async (client) => {
        const remove = (id: string) => client.call(routesOf(kind).remove, { path: { id } });
        await forEachName(names, remove, { out: context.streams.out, oneByOne: true });
        return 0;
      }),
  });

export const inspectCommand = (kind: Kind) =>
  defineCommand({
    usage: `[OPTIONS] ${kind.name.toUpperCase()} [${kind.name.toUpperCase()}...]`,
    summary: `Display detailed information on one or more ${kind.name}s`,
    examples: [
      { command: `${kind.name} inspect --pretty site`, explanation: 'What a person wants to know of it' },
    ],
    arguments: atLeast(1),
    flags: {
      format: objectFormatFlag,
      pretty: flag.boolean({ summary: 'Print it for people' }),
    },
    run: ({ format, pretty }, names, context) =>
      withManager(context, async (client) => {
        const { inspect } = routesOf(kind);
        if (pretty && format !== '')
          throw new CommandError('--format is incompatible with human friendly format');
        if (pretty) {
          for (const id of names) {
            const file = await client.call(inspect, { path: { id } });
            await context.streams.out.write(`${kind.text(file)}\n`);
          }
          return 0;
        }
        const find = async (id: string) => ({
          raw: await client.call(asText(inspect), { path: { id } }),
          inspectable: { kind: kind.name },
        });
        await inspectNames(names, format, find, context);
        return 0;
      }),
  });
