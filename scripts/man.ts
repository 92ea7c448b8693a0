// Writes the manual pages of all commands into man/, or another folder that is named, from the definitions that the
// commands are made of.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnyCommand, type Flag, type FlagSet, flagName } from '../src/commands/command.ts';
import { globalFlags } from '../src/commands/global.ts';
import { type CommandEntry, commands, groups, otherNames } from '../src/program.ts';
import { version } from '../src/version.ts';

const directory = process.argv[2] ?? fileURLToPath(new URL('../man', import.meta.url));
const { SOURCE_DATE_EPOCH: epoch } = process.env;
const date = (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().slice(0, 10);

/** A text as roff takes it: a line that begins with a space is one of its own anyway. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
  return escaped.replace(/^\./gm, '\\&.').replace(/\n+(?! )/g, '\n.br\n');
}

const pageName = (path: string) => `davit-${path.replaceAll(' ', '-')}`;

function head(name: string, summary: string): string[] {
  const title = `.TH "${roff(name.toUpperCase())}" "1" "${date}" "davit ${roff(version)}" "Manual of davit"`;
  return [title, '.SH NAME', `${roff(name)} \\- ${roff(summary)}`];
}

function flagLines(key: string, one: Flag<unknown>): string[] {
  const value = one.type === 'bool' ? '' : ` \\fI${roff(one.value ?? one.type)}\\fR`;
  const letter = one.short ? `\\fB${roff(`-${one.short}`)}\\fR, ` : '';
  const says = one.initial && typeof one.initial !== 'object' && one.initial !== -1;
  const initial = says ? ` (default ${JSON.stringify(one.initial)})` : '';
  const choices = one.choices ? ` One of ${one.choices.join(', ')}.` : '';
  return [
    '.TP',
    `${letter}\\fB${roff(`--${flagName(key, one)}`)}\\fR${value}`,
    roff(`${one.summary}${initial}.${choices}`),
  ];
}

function flagSection(flags: FlagSet): string[] {
  const shown = Object.entries(flags).filter(([, one]) => !one.hidden && !one.deprecated);
  return shown.length === 0 ? [] : ['.SH OPTIONS', ...shown.flatMap(([key, one]) => flagLines(key, one))];
}

function commandPage(path: string, names: string[], command: AnyCommand): string {
  const others = names.filter((name) => name !== path);
  return [
    ...head(pageName(path), command.summary),
    '.SH SYNOPSIS',
    `\\fBdavit ${roff(path)}\\fR ${roff(command.usage)}`.trimEnd(),
    '.SH DESCRIPTION',
    roff(command.description ?? `${command.summary}.`),
    ...(others.length > 0
      ? ['.PP', `Also called: ${others.map((name) => `\\fBdavit ${roff(name)}\\fR`).join(', ')}.`]
      : []),
    ...flagSection(command.flags),
    ...((command.examples ?? []).length > 0 ? ['.SH EXAMPLES'] : []),
    ...(command.examples ?? []).flatMap(({ command: line, explanation }) => [
      '.TP',
      `\\fBdavit ${roff(line)}\\fR`,
      roff(explanation),
    ]),
    '.SH SEE ALSO',
    '\\fBdavit\\fR(1)',
    '',
  ].join('\n');
}

/** Every command once, under the shortest of its names and below its noun. */
function pages(): Map<string, CommandEntry> {
  const found = new Map<string, CommandEntry>();
  for (const entry of commands) found.set(entry.name, entry);
  for (const group of groups) {
    for (const entry of group.commands) if (!entry.hidden) found.set(`${group.name} ${entry.name}`, entry);
  }
  return found;
}

function programPage(paths: readonly [string, CommandEntry][]): string {
  return [
    ...head('davit', 'run containers, with the commands of docker'),
    '.SH SYNOPSIS',
    `\\fBdavit\\fR [OPTIONS] COMMAND [ARG...]`,
    '.SH DESCRIPTION',
    'davit is a client of the Docker Engine API with an engine that comes along, \\fBdavitd\\fR, which it starts when it is needed.',
    'Each command has a page of its own: \\fBdavit ps\\fR is in \\fBdavit\\-ps\\fR(1).',
    ...flagSection(globalFlags),
    '.SH COMMANDS',
    ...paths.flatMap(([path, { summary }]) => [
      '.TP',
      `\\fB${roff(pageName(path))}\\fR(1)`,
      roff(`${summary}.`),
    ]),
    '.SH ENVIRONMENT',
    ...[
      ['DOCKER_HOST', 'The engine to use, as \\-\\-host.'],
      ['DOCKER_CONTEXT', 'The context to use.'],
      ['DOCKER_CONFIG', 'The folder of config.json.'],
      ['DOCKER_API_VERSION', 'The version of the API to speak.'],
      ['DOCKER_CERT_PATH', 'The folder of ca.pem, cert.pem and key.pem.'],
      ['DOCKER_TLS_VERIFY', 'Use TLS and verify the engine, when it is not empty.'],
      ['DAVIT_SOCKET', 'Where the bundled engine listens.'],
    ].flatMap(([name = '', text = '']) => ['.TP', `\\fB${name}\\fR`, text]),
    '',
  ].join('\n');
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const all = [...pages()];
writeFileSync(join(directory, 'davit.1'), programPage(all));
for (const [path, entry] of all) {
  const { default: command } = await entry.load();
  writeFileSync(join(directory, `${pageName(path)}.1`), commandPage(path, otherNames(entry), command));
}
