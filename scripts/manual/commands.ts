import { type AnyCommand, type Flag, type FlagSet, flagName } from '../../src/commands/command.ts';
import { globalFlags } from '../../src/commands/global.ts';
import { type CommandEntry, commands, type GroupEntry, groups } from '../../src/program.ts';
import connections from '../../src/topics/connections.ts';
import environment from '../../src/topics/environment.ts';
import exitCodes from '../../src/topics/exit-codes.ts';
import type { Topic } from '../../src/topics/topic.ts';
import { bold, entry, head, italic, page, roff, section, seeAlso } from './roff.ts';

export const pageName = (path: string): string => `davit-${path.replaceAll(' ', '-')}`;

function flagLines(key: string, one: Flag<unknown>): string[] {
  const value = one.type === 'bool' ? '' : ` ${italic(one.value ?? one.type)}`;
  const letter = one.short ? `${bold(`-${one.short}`)}, ` : '';
  const says = one.initial && typeof one.initial !== 'object' && one.initial !== -1;
  const initial = says ? ` (default ${JSON.stringify(one.initial)})` : '';
  const choices = one.choices ? ` One of ${one.choices.join(', ')}.` : '';
  return [
    '.TP',
    `${letter}${bold(`--${flagName(key, one)}`)}${value}`,
    roff(`${one.summary}${initial}.${choices}`),
  ];
}

function flagSection(flags: FlagSet): string[] {
  const shown = Object.entries(flags).filter(([, one]) => !one.hidden && !one.deprecated);
  return shown.length === 0 ? [] : ['.SH OPTIONS', ...shown.flatMap(([key, one]) => flagLines(key, one))];
}

/** The page of a command, from its definition; `names` are all that it is called by. */
export function commandPage(path: string, names: string[], command: AnyCommand): string {
  const others = names.filter((name) => name !== path);
  const [noun] = path.includes(' ') ? path.split(' ') : [];
  return page(
    head(pageName(path), 1, command.summary),
    [
      '.SH SYNOPSIS',
      ...command.usage
        .split('\n')
        .flatMap((usage, at) => [
          ...(at > 0 ? ['.br'] : []),
          `${bold(`davit ${path}`)} ${roff(usage)}`.trimEnd(),
        ]),
    ],
    ['.SH DESCRIPTION', roff(command.description ?? `${command.summary}.`)],
    others.length > 0
      ? ['.PP', `Also called: ${others.map((name) => bold(`davit ${name}`)).join(', ')}.`]
      : [],
    flagSection(command.flags),
    (command.examples ?? []).length > 0 ? ['.SH EXAMPLES'] : [],
    (command.examples ?? []).flatMap(({ command: line, explanation }) => entry(`davit ${line}`, explanation)),
    seeAlso(...(noun ? [[pageName(noun), 1] as [string, number]] : []), ['davit', 1]),
  );
}

/** The page of a noun: its verbs. */
export function groupPage(group: GroupEntry): string {
  return page(
    head(pageName(group.name), 1, group.summary),
    ['.SH SYNOPSIS', `${bold(`davit ${group.name}`)} COMMAND`],
    ['.SH DESCRIPTION', roff(`${group.summary}. Each command has a page of its own.`), '.SH COMMANDS'],
    group.commands
      .filter(({ hidden }) => !hidden)
      .flatMap(({ name, summary }) => reference(`${group.name} ${name}`, summary)),
    seeAlso(['davit', 1]),
  );
}

const reference = (path: string, summary: string) => [
  '.TP',
  `${bold(pageName(path))}(1)`,
  roff(`${summary}.`),
];

/** A topic as one section of another page. */
function topicSections(heading: string, { sections }: Topic): string[] {
  return sections.flatMap((part, index) => {
    const [, ...lines] = section(part);
    return [...(index === 0 ? [`.SH ${heading}`] : []), `.SS "${roff(part.heading)}"`, ...lines];
  });
}

/** Every command once, under the shortest of its names and below its noun. */
export function commandPages(): Map<string, CommandEntry> {
  const found = new Map<string, CommandEntry>();
  for (const one of commands) found.set(one.name, one);
  for (const group of groups) {
    for (const one of group.commands) if (!one.hidden) found.set(`${group.name} ${one.name}`, one);
  }
  return found;
}

/** davit(1). */
export function programPage(): string {
  return page(
    head('davit', 1, 'run containers, with the commands of docker'),
    ['.SH SYNOPSIS', `${bold('davit')} [OPTIONS] COMMAND [ARG...]`, '.SH DESCRIPTION'],
    [
      'davit is a client of the Docker Engine API with an engine that comes along, \\fBdavitd\\fR(8), which it starts when it is needed.',
      'Commands, flags, output and exit codes are those of docker.',
      'Each command has a page of its own: \\fBdavit ps\\fR is in \\fBdavit\\-ps\\fR(1).',
    ],
    flagSection(globalFlags),
    ['.SH COMMANDS'],
    commands.flatMap(({ name, summary }) => reference(name, summary)),
    groups.flatMap(({ name, summary }) => reference(name, summary)),
    topicSections('CONNECTIONS', connections),
    topicSections('ENVIRONMENT', environment),
    topicSections('EXIT STATUS', exitCodes),
    ['.SH FILES'],
    entry('~/.docker/config.json', 'Settings, shared with docker: see davit-config(5).'),
    entry('/run/davit/davit.sock', 'Where the engine that comes along listens.'),
    entry('/var/log/davit.log', 'Its log, when it was started on demand.'),
    seeAlso(['davit-templates', 7], ['davit-config', 5], ['davitd', 8]),
  );
}
