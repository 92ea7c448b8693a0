import { flag } from '../../../flag.ts';
import { checkEnvironment, checkLabel, checkStream } from '../values.ts';
import { checkedList } from './kinds.ts';

/** What runs, as whom, with what, and when it is started, stopped and removed. */
export const processFlags = {
  name: flag.string({ value: 'name', summary: 'Name of the container' }),
  interactive: flag.boolean({ short: 'i', summary: 'Keep standard input open' }),
  tty: flag.boolean({ short: 't', summary: 'Give it a terminal' }),
  rm: flag.boolean({ summary: 'Remove the container and its anonymous volumes when it exits' }),
  env: flag.custom({
    short: 'e',
    value: 'name[=value]',
    summary: 'Set an environment variable',
    ...checkedList(checkEnvironment),
  }),
  envFile: flag.list({ value: 'file', summary: 'Read environment variables from a file' }),
  entrypoint: flag.string({ value: 'program', summary: "Run this in place of the image's entrypoint" }),
  workdir: flag.string({ short: 'w', value: 'path', summary: 'Working directory' }),
  user: flag.string({ short: 'u', value: 'user[:group]', summary: 'User to run as, by name or number' }),
  groupAdd: flag.list({ value: 'group', summary: 'Additional groups' }),
  init: flag.tristate({ summary: 'Run an init that reaps processes and passes signals on' }),
  label: flag.custom({
    short: 'l',
    value: 'name[=value]',
    summary: 'Set a label',
    ...checkedList(checkLabel),
  }),
  labelFile: flag.list({ value: 'file', summary: 'Read labels from a file' }),
  annotation: flag.map({
    value: 'name=value',
    since: '1.43',
    summary: 'Set an annotation for the OCI runtime',
  }),
  attach: flag.custom({
    short: 'a',
    value: 'stream',
    summary: 'Attach stdin, stdout or stderr',
    ...checkedList(checkStream),
  }),
  pull: flag.string({
    value: 'when',
    summary: 'Pull the image always, when it is missing, or never',
    choices: ['always', 'missing', 'never'],
    default: 'missing',
  }),
  quiet: flag.boolean({ short: 'q', summary: 'Show nothing of a pull' }),
  platform: flag.string({ value: 'os/arch', summary: 'Platform of the image', since: '1.32' }),
  restart: flag.string({
    value: 'policy',
    summary: 'When to start it again: no, on-failure[:n], always, unless-stopped',
    default: 'no',
  }),
  stopSignal: flag.string({ value: 'signal', summary: 'Signal that stops the container' }),
  stopTimeout: flag.integer({ value: 'seconds', summary: 'How long a stop waits before it kills' }),
  cidfile: flag.string({ value: 'file', summary: "Write the container's ID to a file" }),
};
