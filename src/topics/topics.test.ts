import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { dockerFunctions } from '../format/template/docker.ts';
import { builtins } from '../format/template/functions.ts';
import configJson from './config-json.ts';
import environment from './environment.ts';
import templates from './templates.ts';
import type { Topic } from './topic.ts';
import { topics } from './topics.ts';

const source = resolve(import.meta.dirname, '..');
const read = (pattern: string) =>
  globSync(pattern, { cwd: source, exclude: ['**/*.test.ts', 'topics/**'] })
    .map((file) => readFileSync(resolve(source, file), 'utf8'))
    .join('\n');
const terms = ({ sections }: Topic) =>
  sections.flatMap(({ entries = [] }) => entries.flatMap(([term]) => term.split(', ')));
const found = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
];

it('every topic can be loaded and says something', async () => {
  for (const { load } of topics) {
    const { default: topic } = await load();
    expect(topic.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(topic.sections.length).toBeGreaterThan(0);
  }
});

it('templates tells of every function', () => {
  const functions = Object.keys({ ...builtins, ...dockerFunctions });
  expect(functions.filter((name) => !terms(templates).includes(name))).toEqual([]);
});

it('config.json tells of every key that is read, and of no other', () => {
  const files = ['config/file.ts', 'config/auths.ts'].map(read).join('\n');
  const keys = [
    ...found(files, /\bvalues\.(\w+)/g),
    ...found(files, /\btext\('(\w+)'\)/g),
    ...found(read('commands/**/*.ts'), /config\.format\('(\w+)'\)/g),
    ...['secretFormat', 'configFormat'],
  ];
  expect(terms(configJson).toSorted()).toEqual([...new Set(keys)].toSorted());
});

it('environment tells of every variable of docker and davit that is read', () => {
  const variables = found(read('**/*.ts'), /environment(?:\.|\[')((?:DOCKER|DAVIT)_[A-Z_]+)/g);
  expect(variables.length).toBeGreaterThan(5);
  expect(variables.filter((name) => !terms(environment).includes(name))).toEqual([]);
});
