// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have them
import { createIgnoreRules } from '@davit/api';
import { describe, expect, test } from 'vitest';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { planBuild } from '../plan.ts';
import { lint, readLintSettings, rules } from './lint.ts';

interface Given {
  target?: string;
  ignored?: string[];
  settings?: string;
}

/** What is found, as `Rule:line` or `Rule:first-last`. */
function findings(text: string, { target = '', ignored, settings = 'experimental=all' }: Given = {}) {
  const file = parseDockerfile(text);
  const plan = planBuild(file, {
    buildArgs: { IMAGE: 'a' },
    target,
    platform: '',
    contexts: new Set(),
    labels: {},
  });
  const { preamble, all: stages } = plan;
  return lint(
    {
      ...{ file, preamble, stages, needed: new Set(plan.stages.map(({ index }) => index)) },
      variablesOf: (image) => (image === 'known' ? ['SET'] : null),
      ignore: ignored ? createIgnoreRules(ignored) : null,
    },
    readLintSettings(settings),
  );
}

const found = (text: string, given?: Given) =>
  findings(text, given).map(
    ({ Rule, Line, EndLine }) => `${Rule}:${Line}${EndLine > Line ? `-${EndLine}` : ''}`,
  );

const message = (text: string) => findings(text)[0]?.Message;

const clean = [
  '# syntax=docker/dockerfile:1\nARG VERSION=1\nFROM known:$VERSION AS base\nWORKDIR /app\nCOPY . .\nENV A=1 B="2 3"\nRUN make $C\nCMD ["sh"]\n',
  'from known as base\nworkdir /a\n',
  'FROM scratch\nCOPY a \\\n  # a comment\n  b /\nRUN <<EOF\n\necho $x\nEOF\n',
];

test.each(clean)('there is nothing to find in %j', (text) => {
  expect(found(text)).toEqual([]);
});

/** Of each rule: Dockerfiles that violate it with the lines, and those that do not. */
const cases: Record<string, { bad: [text: string, lines: string[]][]; good: string[] }> = {
  StageNameCasing: {
    bad: [['FROM a AS Base\nFROM Base\n', ['1']]],
    good: ['FROM a AS base\n'],
  },
  FromAsCasing: {
    bad: [
      ['FROM a as b\n', ['1']],
      ['from a AS b\n', ['1']],
    ],
    good: ['FROM a AS b\n', 'from a as b\n'],
  },
  ConsistentInstructionCasing: {
    bad: [
      ['FROM a\nrun x\nRun y\nUSER u\n', ['2', '3']],
      ['from a\nuser b\nUSER c\n', ['3']],
    ],
    good: ['from a\nuser b\n', 'FROM a\nUSER b\n'],
  },
  ExposeProtoCasing: {
    bad: [['FROM a\nEXPOSE 80/TCP 81/Udp 82/tcp\n', ['2', '2']]],
    good: ['FROM a\nEXPOSE 80/tcp 81\n'],
  },
  DuplicateStageName: {
    bad: [['FROM a AS x\nFROM b AS y\nFROM c AS X\n', ['3']]],
    good: ['FROM a AS x\nFROM b AS y\n'],
  },
  ReservedStageName: {
    bad: [['FROM a AS scratch\nFROM b AS context\n', ['1', '2']]],
    good: ['FROM scratch\n'],
  },
  RedundantTargetPlatform: {
    bad: [['FROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM} b\n', ['1', '2']]],
    good: ['FROM --platform=$BUILDPLATFORM a\n'],
  },
  FromPlatformFlagConstDisallowed: {
    bad: [['FROM --platform=linux/amd64 a\n', ['1']]],
    good: ['FROM --platform=linux/amd64 a AS build_amd64\n', 'FROM --platform=$BUILDPLATFORM a\n'],
  },
  UndefinedArgInFrom: {
    bad: [['ARG TAG\nFROM a:${TAGG}\nFROM --platform=$X b\n', ['2', '3']]],
    good: ['ARG TAG=1\nFROM --platform=$BUILDPLATFORM a:$TAG\nFROM b:${OTHER:-1}\n'],
  },
  InvalidDefaultArgInFrom: {
    bad: [['ARG IMAGE\nARG TAG\nFROM a:${TAG:-1}\nFROM $IMAGE\nFROM a:$TAG\n', ['4', '5']]],
    good: ['ARG IMAGE=a\nARG FULL=$IMAGE:1\nFROM $FULL\nFROM a${X}\n'],
  },
  UndefinedVar: {
    bad: [
      ['FROM known\nENV A=$B\nCOPY $A $SET $PATHH /\n', ['2', '3']],
      ['ARG G=1\nFROM scratch\nLABEL a=$G b=${G:-x}\n', ['3']],
      ['FROM scratch AS a\nENV X=1\nFROM a\nUSER $X$Y\n', ['4']],
    ],
    good: [
      "FROM known\nARG A\nENV B=$A C=$SET:$PATH\nWORKDIR /$B\nRUN echo $NOSUCH\nLABEL a=${Z:+z} b=\\$w c='$w'\n",
      'FROM elsewhere\nENV A=$B\n',
    ],
  },
  SecretsUsedInArgOrEnv: {
    bad: [['ARG NPM_TOKEN\nFROM known\nENV A=1 DB_PASSWORD=x\nARG auth=1\n', ['1', '3', '4']]],
    good: ['FROM known\nENV PUBLIC_KEY=1 KEYBOARD=2 MONKEY=3\nARG TOKENS\n'],
  },
  NoEmptyContinuation: {
    bad: [['FROM a\nRUN x && \\\n\n  y && \\\n \n  z\n', ['3', '5']]],
    good: ['FROM a\n\nRUN x && \\\n # why\n y\n\nUSER b\n'],
  },
  JSONArgsRecommended: {
    bad: [['FROM a\nCMD x y\nENTRYPOINT \\\n  z\n', ['2', '3-4']]],
    good: ['FROM a AS b\nSHELL ["bash", "-c"]\nCMD x\nFROM b\nCMD y\n', 'FROM a\nENTRYPOINT ["x"]\n'],
  },
  MaintainerDeprecated: {
    bad: [['FROM a\nMAINTAINER me\n', ['2']]],
    good: ['FROM a\nLABEL org.opencontainers.image.authors=me\n'],
  },
  WorkdirRelativePath: {
    bad: [['FROM a\nWORKDIR x\nWORKDIR y\n', ['2']]],
    good: ['FROM a AS b\nWORKDIR /x\nWORKDIR y\nFROM b\nWORKDIR z\n'],
  },
  MultipleInstructionsDisallowed: {
    bad: [
      ['FROM a\nCMD ["x"]\nCMD ["y"]\nHEALTHCHECK NONE\nHEALTHCHECK CMD x\nCMD ["z"]\n', ['2', '3', '4']],
    ],
    good: ['FROM a AS b\nCMD ["x"]\nFROM b\nCMD ["y"]\n'],
  },
  LegacyKeyValueFormat: {
    bad: [['FROM a\nENV A b c\nLABEL x y\n', ['2', '3']]],
    good: ['FROM a\nENV A=b\nLABEL x="a b" y=z\n'],
  },
  ExposeInvalidFormat: {
    bad: [['FROM a\nEXPOSE 127.0.0.1:80:80 8080:80 90\n', ['2', '2']]],
    good: ['FROM a\nEXPOSE 80-90 ${P:-80}/tcp\n'],
  },
};

describe.each(Object.entries(cases))('%s', (name, { bad, good }) => {
  const only = (text: string) => found(text).filter((one) => one.startsWith(`${name}:`));
  test.each(bad)('%j', (text, lines) => {
    expect(only(text)).toEqual(lines.map((line) => `${name}:${line}`));
  });
  test.each(good)('not in %j', (text) => {
    expect(only(text)).toEqual([]);
  });
});

test('CopyIgnoredFile', () => {
  const text =
    'FROM known AS a\nCOPY ./key other /\nADD --chown=1 ["dir/x", "/"]\nCOPY --from=a key /\nCOPY . /\n';
  expect(found(text, { ignored: ['key', 'dir', '!dir/y'] })).toEqual([
    'CopyIgnoredFile:2',
    'CopyIgnoredFile:3',
  ]);
  expect(found(text)).toEqual([]);
  expect(found(text, { ignored: ['key'], settings: '' })).toEqual([]);
});

test('InvalidDefinitionDescription', () => {
  const text =
    '# syntax=x\n# VERSION which one\nARG VERSION\n# something\nFROM known AS base\n# base or so\nFROM base AS next\n\n# alone\n\nARG A\n';
  expect(found(text)).toEqual(['InvalidDefinitionDescription:5', 'InvalidDefinitionDescription:7']);
});

test('all of docker, each with a test', () => {
  expect(rules.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(cases), 'CopyIgnoredFile', 'InvalidDefinitionDescription'].sort(),
  );
});

test('what is not built is not looked at', () => {
  const text = 'FROM known AS a\nCMD x\nFROM known\nCMD y\n';
  expect(found(text)).toEqual(['JSONArgsRecommended:4']);
  expect(found(text, { target: 'a' })).toEqual(['JSONArgsRecommended:2']);
});

test('a name that is nearly another is guessed, and the lines are shown', () => {
  expect(message('FROM known\nARG VERSION\nLABEL v=$VERSIN\n')).toContain('(did you mean $VERSION?)');
  expect(message('ARG TAG=1\nFROM a:$TAGS\n')).toContain('(did you mean TAG?)');
  const [first] = findings('FROM known\nCMD \\\n  x\n');
  expect(first?.Excerpt).toBe('Dockerfile:2:1\n1 |     FROM known\n2 | >>> CMD \\\n3 | >>>   x\n4 |     ');
});

test.each([
  ['in a word', `FROM known\nENV A=${Array.from({ length: 100_000 }, (_, at) => `$V${at}`).join('\\\n')}\n`],
  [
    'line by line',
    `FROM known\n${Array.from({ length: 25_000 }, (_, at) => `ENV A${at}=$B${at}`).join('\n')}\n`,
  ],
])('variables without number %s keep nobody waiting', (_, text) => {
  expect(findings(text).length).toBe(1000);
});

test('checks can be skipped, and asked for', () => {
  const text = 'FROM known as a\nCMD x\n';
  expect(found(text, { settings: 'skip=JSONArgsRecommended' })).toEqual(['FromAsCasing:1']);
  expect(found(text, { settings: 'skip=all' })).toEqual([]);
  expect(readLintSettings('skip=A, B;error=true;experimental=all')).toEqual({
    ...{ skip: new Set(['A', 'B']), experimental: new Set(['all']), error: true },
  });
  expect(() => readLintSettings('skips=A')).toThrow('invalid check "skips=A"');
});
