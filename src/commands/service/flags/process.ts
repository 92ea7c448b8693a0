import { checkedList, listOf } from '../../container/options/flags/kinds.ts';
import { parseUlimit } from '../../container/options/resources.ts';
import { checkEnvironment, checkLabel } from '../../container/options/values.ts';
import { flag } from '../../flag.ts';
import { parseCredentialSpec } from '../spec/credential.ts';
import { commandLine, reading } from './kinds.ts';

const group = { group: 'Process' };

/** What the containers run, as whom, and with which rights. */
export const processFlags = {
  entrypoint: commandLine({ summary: "Run this in place of the image's entrypoint", ...group }),
  workdir: flag.string({ short: 'w', value: 'path', summary: 'Working directory', ...group }),
  user: flag.string({ short: 'u', value: 'user[:group]', summary: 'User to run as', ...group }),
  hostname: flag.string({ value: 'name', summary: 'Host name inside', ...group }),
  init: flag.tristate({ summary: 'Run an init that reaps processes', since: '1.37', ...group }),
  tty: flag.tristate({ short: 't', summary: 'Give them a terminal', ...group }),
  readOnly: flag.tristate({ summary: 'Make their root file system read-only', since: '1.28', ...group }),
  stopSignal: flag.string({ value: 'signal', summary: 'Signal that stops them', since: '1.28', ...group }),
  stopGracePeriod: flag.duration({
    value: 'time',
    summary: 'How long a stop waits before it kills (10s)',
    ...group,
  }),
  capAdd: flag.list({ value: 'capability', summary: 'Add a Linux capability', since: '1.41', ...group }),
  capDrop: flag.list({
    value: 'capability',
    summary: 'Take a Linux capability away',
    since: '1.41',
    ...group,
  }),
  isolation: flag.string({ summary: 'Isolation of the containers (Windows)', since: '1.35', ...group }),
  credentialSpec: flag.custom({
    type: 'credential-spec',
    value: 'config://|file://|registry://…',
    summary: 'Account of the service (Windows)',
    default: undefined,
    parse: reading(parseCredentialSpec) as (
      text: string,
    ) => ReturnType<typeof parseCredentialSpec> | undefined,
    since: '1.29',
    ...group,
  }),
};

const env = {
  value: 'name[=value]',
  summary: 'Set an environment variable',
  ...group,
  ...checkedList(checkEnvironment),
};
const label = { value: 'name[=value]', ...group, ...checkedList(checkLabel) };
const sysctl = { value: 'name=value', summary: 'Set a kernel parameter of their own', ...group };
const ulimit = {
  value: 'name=soft[:hard]',
  summary: 'Limit of the processes',
  since: '1.41',
  ...group,
  ...listOf('ulimit', parseUlimit),
};

/** The same for services that are made. */
export const processCreateFlags = {
  env: flag.custom({ short: 'e', ...env }),
  envFile: flag.list({ value: 'file', summary: 'Read environment variables from a file', ...group }),
  label: flag.custom({ short: 'l', summary: 'Set a label of the service', ...label }),
  containerLabel: flag.custom({ summary: 'Set a label of its containers', ...label }),
  group: flag.list({ value: 'group', summary: 'Additional groups', ...group }),
  sysctl: flag.list({ since: '1.40', ...sysctl }),
  ulimit: flag.custom(ulimit),
};

const removed = (what: string) => flag.list({ value: 'name', summary: `Remove ${what}`, ...group });

/** The same for services that are changed. */
export const processUpdateFlags = {
  args: commandLine({ summary: 'Arguments of the program', ...group }),
  envAdd: flag.custom(env),
  envRm: removed('an environment variable'),
  labelAdd: flag.custom({ summary: 'Set a label of the service', ...label }),
  labelRm: removed('a label of the service'),
  containerLabelAdd: flag.custom({ summary: 'Set a label of its containers', ...label }),
  containerLabelRm: removed('a label of its containers'),
  groupAdd: flag.list({ value: 'group', summary: 'Additional groups', ...group }),
  groupRm: removed('an additional group'),
  sysctlAdd: flag.list({ since: '1.40', ...sysctl }),
  sysctlRm: removed('a kernel parameter'),
  ulimitAdd: flag.custom(ulimit),
  ulimitRm: removed('a limit of the processes'),
};
