import { expect, test } from 'vitest';
import { attributesOf, checkAttributes } from './attributes.ts';

const subject = {
  id: 'c0ffee'.padEnd(64, '0'),
  name: 'web',
  imageId: `sha256:${'7'.repeat(64)}`,
  imageName: 'busybox',
  command: 'echo hi',
  hostname: 'vm',
  labels: { a: '1', b: 'x y,z', 'com.ex.q': '5' },
  env: ['FOO=bar', 'S=a b', 'PATH=/bin:/sbin', 'X'],
};

test.each([
  [{}, ''],
  [{ labels: 'b,nope', env: 'S,FOO' }, 'FOO=bar,S=a+b,b=x+y%2Cz'],
  [{ 'labels-regex': '^com', 'env-regex': 'PA' }, 'PATH=%2Fbin%3A%2Fsbin,com.ex.q=5'],
  [{ labels: '', env: '' }, ''],
  [{ tag: '{{.Name}}/{{.ID}}' }, 'tag=web%2Fc0ffee000000'],
  [
    { tag: "{{ .ImageName }} {{.ImageID}} {{.Command}} (it's) {{.DaemonName}}" },
    'tag=busybox+sha256%3A77777+echo+hi+%28it%27s%29+docker',
  ],
  [{ tag: '' }, ''],
])('%o', async (options, expected) => {
  expect(await attributesOf(options as Record<string, string>, subject)).toBe(expected);
});

test.each([
  [
    { 'labels-regex': '(' },
    'failed to initialize logging driver: error parsing regexp: missing closing ): `(`',
  ],
  [{ 'env-regex': '*' }, 'missing argument to repetition operator: `*`'],
  [{ tag: '{{' }, 'failed to initialize logging driver: template: log-tag:1: unclosed action'],
  [{ tag: '{{.Nope}}' }, "log opt 'tag' cannot have {{.Nope}}: it knows the fields ID, FullID"],
  [{ tag: '{{json .Name}}' }, "log opt 'tag' cannot have {{json .Name}}"],
  [{ tag: '{{.constructor}}' }, "log opt 'tag' cannot have {{.constructor}}"],
])('%o is refused', async (options, message) => {
  await expect(checkAttributes(options as Record<string, string>)).rejects.toThrow(message);
});

test('a pattern that others need an age for is none for this one', async () => {
  const labels = { ['a'.repeat(5000)]: 'x' };
  expect(await attributesOf({ 'labels-regex': '(a+)+$b' }, { ...subject, labels })).toBe('');
});
