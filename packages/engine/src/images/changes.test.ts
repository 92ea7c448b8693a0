import type { ImageConfig } from '@davit/api';
import { expect, test } from 'vitest';
import { applyChanges } from './changes.ts';

test.each<[string[], ImageConfig]>([
  [['CMD ["a", "b c"]'], { Cmd: ['a', 'b c'] }],
  [['cmd echo "$HOME"  hi'], { Cmd: ['/bin/sh', '-c', 'echo "$HOME"  hi'] }],
  [['CMD [broken'], { Cmd: ['/bin/sh', '-c', '[broken'] }],
  [['ENTRYPOINT ["/e"]'], { Entrypoint: ['/e'], Cmd: null }],
  [['CMD x', 'ENTRYPOINT ["/e"]'], { Entrypoint: ['/e'], Cmd: ['/bin/sh', '-c', 'x'] }],
  [['ENV A=1 B="two words" C=t\\ x D=\'$A\''], { Env: ['A=1', 'B=two words', 'C=t x', 'D=$A'] }],
  [['ENV A all of "this"'], { Env: ['A=all of this'] }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile
  [['ENV A=1', 'ENV B=$A-${A}-${X:-no}-${A:+yes}-$X.'], { Env: ['A=1', 'B=1-1-no-yes-.'] }],
  [['ENV A=1 B=2', 'ENV A=3'], { Env: ['A=3', 'B=2'] }],
  [
    ['EXPOSE 80 53/udp 8000-8002/TCP'],
    {
      ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {}, '8002/tcp': {} },
    },
  ],
  [['LABEL a=1 "b c"="d e"', 'LABEL old style'], { Labels: { a: '1', 'b c': 'd e', old: 'style' } }],
  [['LABEL __proto__=x'], { Labels: JSON.parse('{"__proto__":"x"}') }],
  [['USER 1000:1000'], { User: '1000:1000' }],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['WORKDIR /a', 'WORKDIR b/../c'], { WorkingDir: '/a/c' }],
  [['STOPSIGNAL SIGINT'], { StopSignal: 'SIGINT' }],
  [['ONBUILD RUN x'], { OnBuild: ['RUN x'] }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [
    ['HEALTHCHECK --interval=1m30s --retries=3 CMD curl x'],
    {
      Healthcheck: { Interval: 90e9, Retries: 3, Test: ['CMD-SHELL', 'curl x'] },
    },
  ],
  [['HEALTHCHECK CMD ["a", "b"]'], { Healthcheck: { Test: ['CMD', 'a', 'b'] } }],
  [['# comment', 'ENV A=1 \\\n  B=2', ''], { Env: ['A=1', 'B=2'] }],
])('%j', (changes, config) => {
  expect(applyChanges({}, changes)).toEqual(config);
});

test('what is there is kept, and the given configuration is not changed', () => {
  const before: ImageConfig = { Env: ['A=1'], Labels: { a: '1' }, WorkingDir: '/w', Cmd: ['old'] };
  expect(applyChanges(before, ['ENV B=$A', 'LABEL b=2', 'WORKDIR x', 'ENTRYPOINT ["e"]'])).toEqual({
    Env: ['A=1', 'B=1'],
    Labels: { a: '1', b: '2' },
    WorkingDir: '/w/x',
    Entrypoint: ['e'],
    Cmd: null,
  });
  expect(before.Env).toEqual(['A=1']);
});

test.each([
  ['NOPE x', 'nope is not a valid change command'],
  ['RUN x', 'run is not a valid change command'],
  ['constructor x', 'constructor is not a valid change command'],
  ['ENV A', 'ENV must have two arguments'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV A=1 B', 'can\'t find = in "B"'],
  ['ENV =x', 'names can not be blank'],
  ['ENV A="x', 'matching double-quote'],
  ['EXPOSE abc', 'invalid containerPort: abc'],
  ['EXPOSE 70000', 'invalid containerPort: 70000'],
  ['USER', 'USER requires exactly one argument'],
  ['STOPSIGNAL a/b', 'invalid signal'],
  ['HEALTHCHECK', 'Unknown type'],
  ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
  ['HEALTHCHECK --interval=x CMD y', 'invalid duration'],
  ['HEALTHCHECK --what=x CMD y', 'unknown flag'],
])('%s is refused', (change, message) => {
  expect(() => applyChanges({}, [change])).toThrow(message);
});
