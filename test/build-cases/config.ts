// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile
import { cases } from './case.ts';

/** Instructions that change what an image says of itself. */
export const configCases = cases({
  'env: both forms': 'FROM busybox\nENV A=1 B="two words" C=t\\ x\nENV D all of this',
  'env: variables': 'FROM busybox\nENV A=1\nENV A=2 B=$A C=${A}x\nENV D=${NONE:-d} E=${A:+set} F=$NONE.',
  'env: quotes': `FROM busybox\nENV A='$HOME' B="$PATH" C="a\\"b" D=\\$x`,
  'env: continued': 'FROM busybox\nENV A=1 \\\n  # a comment\n  B=2 \\\n\n  C=3',
  'env: changed value keeps its place': 'FROM busybox\nENV A=1 B=2\nENV A=3',
  'env: empty value': 'FROM busybox\nENV A= B=""',
  label: 'FROM busybox\nLABEL a=1 "b c"="d e" f=g\\ h\nLABEL old style of it\nLABEL a=2',
  'label: variables': 'FROM busybox\nARG V=7\nLABEL version=$V "x$V"=y',
  'cmd: shell': 'FROM busybox\nCMD echo "$HOME"  two',
  'cmd: exec': 'FROM busybox\nCMD ["echo", "a b", "\\u0041"]',
  'cmd: broken json': 'FROM busybox\nCMD [echo, a]',
  'cmd: last one counts': 'FROM busybox\nCMD one\nCMD two',
  'cmd: empty': 'FROM busybox\nCMD []',
  'entrypoint: exec resets cmd of the base': 'FROM busybox\nENTRYPOINT ["/e"]',
  'entrypoint: cmd of the stage stays': 'FROM busybox\nCMD ["c"]\nENTRYPOINT ["/e"]',
  'entrypoint: shell': 'FROM busybox\nENTRYPOINT exec top -b',
  shell: 'FROM busybox\nSHELL ["/bin/ash", "-e", "-c"]\nCMD echo x\nENTRYPOINT y\nRUN echo $0 > /shell',
  user: 'FROM busybox\nUSER www-data\nUSER 1000:1000',
  'user: variable': 'FROM busybox\nARG U=nobody\nUSER $U',
  'workdir: absolute, relative, variables':
    'FROM busybox\nENV D=/base\nWORKDIR $D/one\nWORKDIR two\nWORKDIR ../three\nRUN pwd > p',
  'workdir: clean': ['FROM busybox\nWORKDIR /a//b/../c/', { own: true, config: { WorkingDir: '/a/c' } }],
  'workdir: exists': 'FROM busybox\nWORKDIR /tmp',
  expose: 'FROM busybox\nEXPOSE 80 53/udp 8000-8002\nARG P=99\nEXPOSE $P/tcp',
  'expose: several in a variable': [
    'FROM busybox\nENV P="81 82/udp"\nEXPOSE $P',
    { config: { ExposedPorts: { '81/tcp': {}, '82/udp': {} } } },
  ],
  volume: 'FROM busybox\nVOLUME /v1 /v2\nVOLUME ["/v 3"]\nENV V=/v4\nVOLUME $V',
  stopsignal: 'FROM busybox\nSTOPSIGNAL SIGUSR1',
  'stopsignal: number': 'FROM busybox\nARG S=9\nSTOPSIGNAL $S',
  'healthcheck: shell':
    'FROM busybox\nHEALTHCHECK --interval=1m30s --timeout=3s --start-period=5s --retries=4 CMD wget -q localhost || exit 1',
  'healthcheck: exec': 'FROM busybox\nHEALTHCHECK CMD ["a", "b"]',
  'healthcheck: none': 'FROM busybox\nHEALTHCHECK NONE',
  maintainer: 'FROM busybox\nMAINTAINER Some One <some@example.com>',
  'onbuild is kept': 'FROM busybox\nONBUILD RUN echo built > /onbuild\nONBUILD ENV X=$Y',
  'lower case instructions': 'from busybox\nenv A=1\nrun echo x > /x',
  'escape directive': '# escape=`\nFROM busybox\nENV A=C:\\dir `\n  B=2\nRUN echo one `\n && echo two > /two',
  'comments and blank lines': '# one\n\nFROM busybox\n   # two\n\nRUN echo 1 # not a comment\n#last',
  'leading blanks': '   FROM busybox\n\t ENV A=1',
  'carriage returns': 'FROM busybox\r\nENV A=1 \\\r\n B=2\r\nRUN echo x > /x\r\n',
  'byte order mark': '\uFEFFFROM busybox\nENV A=1',
  'arg: default and given': [
    'FROM busybox\nARG A=1\nARG B=2\nARG C\nENV R=$A-$B-$C',
    { query: { buildargs: '{"B":"given","C":"too"}' } },
  ],
  'arg: env goes first': [
    'FROM busybox\nENV A=env\nARG A=arg\nENV R=$A\nRUN echo $A > /a',
    { query: { buildargs: '{"A":"given"}' } },
  ],
  'arg: seen by run': ['FROM busybox\nARG A\nRUN echo "$A" > /a', { query: { buildargs: '{"A":"a b"}' } }],
  'arg: not before its line': [
    'FROM busybox\nENV R=${A:-unset}\nARG A\nENV S=${A:-unset}',
    { query: { buildargs: '{"A":"x"}' } },
  ],
  'arg: global in from': [
    'ARG BASE=nosuch\nFROM $BASE\nARG BASE\nENV R=$BASE',
    { query: { buildargs: '{"BASE":"busybox"}' } },
  ],
  'arg: global is not seen without a line': 'ARG G=1\nFROM busybox\nENV R=${G:-unset}',
  'arg: global default in a stage': 'ARG G=1\nARG H=$G-2\nFROM busybox\nARG G\nARG H\nENV R=$G$H',
  'arg: own scope in each stage': 'FROM busybox AS a\nARG X=1\nENV R=$X\nFROM busybox\nENV R=${X:-unset}',
  'arg: inherited by a stage on a stage': 'FROM busybox AS a\nARG X=1\nENV E=1\nFROM a\nENV R=${X:-unset}-$E',
  'arg: not consumed': ['FROM busybox\nENV A=1', { query: { buildargs: '{"NOPE":"x"}' } }],
  'arg: proxies are there without asking': [
    'FROM busybox\nRUN echo "$HTTP_PROXY" > /p',
    { query: { buildargs: '{"HTTP_PROXY":"http://proxy.example.com"}' } },
  ],
  'labels of the request': [
    'FROM busybox\nLABEL a=1',
    { query: { labels: '{"b":"2 3","a":"over\'ridden"}' } },
  ],
  target: ['FROM busybox AS a\nENV A=1\nFROM busybox AS b\nENV B=1', { query: { target: 'a' } }],
  'target: by number': [
    'FROM busybox\nENV A=1\nFROM busybox\nENV B=1',
    { own: true, query: { target: '0' } },
  ],
  'target: case': ['FROM busybox AS Aa\nENV A=1\nFROM busybox AS b\nENV B=1', { query: { target: 'aA' } }],
  'from only': 'FROM busybox',
  'stage on a stage': 'FROM busybox AS a\nENV A=1\nWORKDIR /w\nFROM a AS b\nENV B=$A\nFROM b',
  'stage named as an image': 'FROM busybox AS busybox2\nENV A=1\nFROM busybox2\nENV B=1',
  scratch: 'FROM scratch\nENV A=1\nCMD ["/x"]',
  'scratch with a file': 'FROM scratch\nCOPY a.txt /\nCMD ["/x"]',
  'expansion: defaults': [
    'FROM busybox\nENV A=abc E=\nENV R=${E:-x}${E-y}${N-z}${A:+p}${E+q}${N+r}',
    {
      own: true,
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'A=abc', 'E=', 'R=xzpq'],
      },
    },
  ],
  'expansion: patterns': [
    'FROM busybox\nENV A=foobarbar\nENV R=${A#foo}-${A%bar}-${A##*b}-${A%%b*}-${A/bar/X}-${A//bar/X}',
    {
      own: true,
      config: {
        Env: [
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          'A=foobarbar',
          'R=barbar-foobar-ar-foo-fooXbar-fooXX',
        ],
      },
    },
  ],
  'platform arguments': [
    'FROM busybox\nARG TARGETARCH\nARG TARGETOS\nARG BUILDPLATFORM\nENV R=$TARGETOS-${TARGETARCH:+arch}-${BUILDPLATFORM:+platform}',
    {
      own: true,
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'R=linux-arch-platform'],
      },
    },
  ],
  'from with a platform': ['FROM --platform=$BUILDPLATFORM busybox\nENV A=1', { own: true, config: {} }],
  'healthcheck: start interval': [
    'FROM busybox\nHEALTHCHECK --start-interval=2s CMD x',
    { own: true, config: { Healthcheck: { Test: ['CMD-SHELL', 'x'], StartInterval: 2e9 } } },
  ],
});
