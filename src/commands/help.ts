import { styleText } from 'node:util';
import type { Plugin } from '../plugins/plugins.ts';
import { type CommandEntry, commands, type GroupEntry, groups } from '../program.ts';
import type { Output } from '../terminal/streams.ts';
import type { Topic } from '../topics/topic.ts';
import { topics } from '../topics/topics.ts';
import type { AnyCommand } from './command.ts';
import { type Flag, type FlagSet, flagName } from './flag.ts';
import { globalFlags } from './global.ts';
import { usageText } from './usage.ts';

type Row = [left: string, right: string];

/** Columns that names of commands have at least: docker's habit, which scripts that cut them out count on. */
const leastNameWidth = 11;

/**
 * Writes help pages as wide as the output, with bold headings where it has colours. They are built as docker's are
 * (`Usage:`, `Aliases:`, `Options:`, `Commands:`), for the scripts that read those.
 */
function createPage(output: Output): {
  heading(text: string): void;
  rows(rows: Row[]): void;
  /** Commands and what they do: one line each where no person looks at it. */
  commands(rows: Row[]): void;
  text(text: string): void;
  end(): string;
} {
  const lines: string[] = [];
  const bold = (text: string) => (output.color ? styleText('bold', text) : text);
  const width = Math.max(60, Math.min(output.width, 100));
  return {
    heading(text) {
      lines.push('', bold(text));
    },
    text(text) {
      lines.push(...wrap(text, width));
    },
    commands(rows) {
      const left = Math.max(leastNameWidth, ...rows.map(([name]) => name.length)) + 1;
      for (const [name, text] of rows) {
        const [first = '', ...more] = output.isTerminal ? wrap(text, width - left - 2) : [text];
        lines.push(`  ${name.padEnd(left)}${first}`.trimEnd());
        for (const line of more) lines.push(`${' '.repeat(left + 2)}${line}`);
      }
    },
    rows(rows) {
      const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
      for (const [name, text] of rows) {
        const [first = '', ...more] = wrap(text, width - left - 5);
        if (name.length > left) lines.push(`  ${name}`, `${' '.repeat(left + 5)}${first}`);
        else lines.push(`  ${name.padEnd(left)}   ${first}`);
        for (const line of more) lines.push(`${' '.repeat(left + 5)}${line}`);
      }
    },
    end: () => `${lines.join('\n').replace(/^\n+/, '')}\n`,
  };
}

/** Breaks a text into lines at spaces. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const indent = /^ */.exec(paragraph)?.[0] ?? '';
    const lines: string[] = [];
    let line = indent;
    for (const word of paragraph.trim().split(' ')) {
      if (line === indent) line += word;
      else if (line.length + 1 + word.length <= width) line += ` ${word}`;
      else {
        lines.push(line);
        line = indent + word;
      }
    }
    return [...lines, line];
  });
}

function flagRow(key: string, one: Flag<unknown>): Row {
  const letter = one.short ? `-${one.short}, ` : '    ';
  const value = one.type === 'bool' ? '' : ` ${one.value ?? one.type}`;
  const says = one.initial && typeof one.initial !== 'object' && one.initial !== -1;
  const initial = says ? ` (default ${JSON.stringify(one.initial)})` : '';
  return [`${letter}--${flagName(key, one)}${value}`, one.summary + initial];
}

/** What flags without a heading of their own stand below. */
const plainHeading = 'Options';

/** The flags that help shows, by heading; those without one come first. */
function flagGroups(flags: FlagSet): Map<string, Row[]> {
  const shown = new Map<string, Row[]>([[plainHeading, []]]);
  for (const [key, one] of Object.entries(flags)) {
    if (one.hidden || one.deprecated) continue;
    const heading = one.group ?? plainHeading;
    shown.set(heading, [...(shown.get(heading) ?? []), flagRow(key, one)]);
  }
  if (shown.get(plainHeading)?.length === 0) shown.delete(plainHeading);
  return shown;
}

export interface CommandHelp {
  program: string;
  /** The command's words. */
  path: string;
  /** All names of the command. */
  names: string[];
}

/** Help of one command. */
export function commandHelp(
  command: AnyCommand,
  { program, path, names }: CommandHelp,
  output: Output,
): string {
  const page = createPage(output);
  page.text(`Usage:  ${usageText(command.usage, program, path)}`);
  page.text(`\n${command.summary}`);
  if (command.description) page.text(`\n${command.description}`);
  if (names.length > 1) {
    page.heading('Aliases:');
    page.text(`  ${names.map((name) => `${program} ${name}`).join(', ')}`);
  }
  for (const [heading, rows] of flagGroups(command.flags)) {
    page.heading(`${heading}:`);
    page.rows(rows);
  }
  // Last, where they are still on the screen when the page is longer than it.
  if (command.examples?.length) page.heading('Examples:');
  for (const { command: line, explanation } of command.examples ?? []) {
    page.text(`  ${program} ${line}`);
    page.text(`      ${explanation}`);
  }
  return page.end();
}

const byName = (first: { name: string }, second: { name: string }) => (first.name < second.name ? -1 : 1);

/** Help of a noun. */
export function groupHelp(group: GroupEntry, program: string, output: Output): string {
  const page = createPage(output);
  page.text(`Usage:  ${program} ${group.name} COMMAND`);
  page.text(`\n${group.summary}`);
  page.heading('Commands:');
  page.commands(
    group.commands
      .filter(({ hidden }) => !hidden)
      .toSorted(byName)
      .map(({ name, summary }) => [name, summary]),
  );
  page.text(`\nRun '${program} ${group.name} COMMAND --help' for more information on a command.`);
  return page.end();
}

/** The nouns that are about a Swarm. */
const ofSwarm = new Set(['config', 'node', 'secret', 'service', 'stack', 'swarm']);

/** Help of the program. */
export function programHelp(program: string, output: Output, plugins: readonly Plugin[]): string {
  const page = createPage(output);
  const list = (heading: string, entries: readonly (CommandEntry | GroupEntry)[]) => {
    page.heading(`${heading}:`);
    page.commands(entries.map(({ name, summary }) => [name, summary]));
  };
  const nouns = groups.toSorted(byName);
  page.text(`Usage:  ${program} [OPTIONS] COMMAND`);
  page.text("\nRun containers, with docker's commands and an engine that comes along");
  list(
    'Common Commands',
    commands.filter(({ common }) => common),
  );
  list(
    'Management Commands',
    nouns.filter(({ name }) => !ofSwarm.has(name)),
  );
  list(
    'Swarm Commands',
    nouns.filter(({ name }) => ofSwarm.has(name)),
  );
  list('Commands', commands.filter(({ common }) => !common).toSorted(byName));
  const working = plugins.filter(({ Err }) => Err === undefined);
  if (working.length > 0) page.heading('Plugins:');
  page.commands(working.map(({ Name, ShortDescription = '' }) => [`${Name}*`, ShortDescription]));
  for (const { Path, Err } of plugins) {
    if (Err !== undefined) page.text(`\nWARNING: Plugin "${Path}" is not valid: ${Err}`);
  }
  page.heading('Global Options:');
  page.rows(flagGroups(globalFlags).get(plainHeading) ?? []);
  page.text(
    `\nRun '${program} COMMAND --help' for more information on a command, and '${program} help TOPIC' for ` +
      `${topics.map(({ name }) => name).join(', ')}.`,
  );
  return page.end();
}

/** Help of a topic. */
export function topicHelp({ summary, sections }: Topic, output: Output): string {
  const page = createPage(output);
  page.text(`${summary}.`);
  for (const { heading, text = [], entries = [], code } of sections) {
    page.heading(`${heading}:`);
    for (const paragraph of text) page.text(`  ${paragraph}`);
    page.rows(entries.map(([term, meaning]) => [term, meaning]));
    if (code) page.text(`\n${code.replace(/^/gm, '    ')}`);
  }
  return page.end();
}
