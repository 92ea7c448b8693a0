import { cases } from './case.ts';

/** What is no Dockerfile, or cannot be built. */
export const errorCases = cases({
  empty: ['\n', { error: /file with no instructions/ }],
  'unknown instruction': ['FROM busybox\nFOO bar', { error: /line 2: unknown instruction: FOO/ }],
  'unknown instruction that is nearly one': [
    'FROM busybox\nCOPPY a /',
    { error: /line 2: unknown instruction: COPPY/ },
  ],
  'no stage': ['RUN x', { error: /no build stage in current context/ }],
  'from without an image': ['FROM', { error: /line 1: FROM requires either one or three arguments/ }],
  'from with two words': ['FROM busybox x', { error: /line 1: FROM requires either one or three arguments/ }],
  'stage with a bad name': ['FROM busybox AS 1x', { error: /line 1: invalid name for build stage: "1x"/ }],
  'from with an empty variable': ['ARG X\nFROM $X', { error: /base name \(\$X\) should not be blank/ }],
  'no such target': [
    'FROM busybox AS a',
    { query: { target: 'b' }, error: /failed to reach build target b in Dockerfile/ },
  ],
  'unknown flag': ['FROM busybox\nCOPY --nope=1 a.txt /', { error: /line 2: [Uu]nknown flag: nope/ }],
  'env without a value': ['FROM busybox\nENV A', { error: /ENV must have two arguments/ }],
  'env without a name': ['FROM busybox\nENV =x', { error: /ENV names can not be blank/ }],
  'label without a value': ['FROM busybox\nLABEL a=1 b', { error: /can't find = in "b"/ }],
  'nothing to run': ['FROM busybox\nRUN', { own: true, error: /RUN requires at least one argument/ }],
  'port that is none': ['FROM busybox\nEXPOSE abc', { error: /[Ii]nvalid containerPort: abc/ }],
  'signal that is none': ['FROM busybox\nSTOPSIGNAL foo', { error: /[Ii]nvalid signal: foo/ }],
  'shell in shell form': [
    'FROM busybox\nSHELL /bin/sh',
    { error: /SHELL requires the arguments to be in JSON form/ },
  ],
  'trigger of a trigger': [
    'FROM busybox\nONBUILD ONBUILD RUN x',
    { error: /Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed/ },
  ],
  'trigger from': ['FROM busybox\nONBUILD FROM x', { error: /FROM isn't allowed as an ONBUILD trigger/ }],
  'healthcheck without cmd': [
    'FROM busybox\nHEALTHCHECK x',
    { error: /Unknown type "x" in HEALTHCHECK \(try CMD\)/i },
  ],
  'workdir that is a file': [
    'FROM busybox\nWORKDIR /etc/passwd',
    { error: /Cannot mkdir: \/etc\/passwd is not a directory/ },
  ],
  'only scratch': ['FROM scratch', { error: /No image was generated\. Is your Dockerfile empty\?/ }],
  'dockerfile outside of the context': [
    'FROM busybox',
    {
      query: { dockerfile: '../Dockerfile' },
      error: /Forbidden path outside the build context: \.\.\/Dockerfile \(\)/i,
    },
  ],
  'dockerfile that is not there': [
    'FROM busybox',
    { query: { dockerfile: 'nosuch' }, error: /Cannot locate specified Dockerfile: nosuch/ },
  ],
  'name that is none': ['FROM busybox', { query: { t: 'BAD/Name' }, error: /invalid reference format/ }],
  'escape directive that is none': ['# escape=x\nFROM busybox', { error: /invalid ESCAPE/i }],
  'quote that does not end': [
    'FROM busybox\nENV A="x',
    { error: /unexpected end of statement while looking for matching double-quote/ },
  ],
});
