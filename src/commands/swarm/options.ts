import { readFileSync } from 'node:fs';
import type { ExternalCa, SwarmSpec } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { flag } from '../command.ts';
import { splitFields } from '../csv.ts';
import { FlagValueError } from '../flag.ts';

/** `protocol=cfssl,url=https://…[,cacert=FILE][,KEY=VALUE]`. Throws FlagValueError. */
function parseExternalCa(text: string): ExternalCa {
  const authority: ExternalCa = { Protocol: '', URL: '', Options: {} };
  for (const field of splitFields(text)) {
    const at = field.indexOf('=');
    if (at === -1) throw new FlagValueError(`invalid field '${field}' must be a key=value pair`);
    const [key, value] = [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)];
    if (key === 'url') authority.URL = value;
    else if (key === 'cacert') authority.CACert = readPem(value);
    else if (key !== 'protocol') authority.Options = { ...authority.Options, [field.slice(0, at)]: value };
    else if (value.toLowerCase() === 'cfssl') authority.Protocol = 'cfssl';
    else throw new FlagValueError(`unrecognized external CA protocol ${value}`);
  }
  if (authority.Protocol === '')
    throw new FlagValueError('the external-ca option needs a protocol= parameter');
  if (authority.URL === '') throw new FlagValueError('the external-ca option needs a url= parameter');
  return authority;
}

/** Reads a file with a certificate or a key. Throws FlagValueError. */
export function readPem(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FlagValueError(error instanceof Error ? error.message : String(error));
  }
  if (/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/.test(text)) return text;
  throw new FlagValueError('file contents must be in PEM format');
}

export const externalCaFlag = flag.custom<ExternalCa[]>({
  type: 'external-ca',
  summary: 'Endpoints that sign certificates, as protocol=cfssl,url=URL (any number of times)',
  default: [],
  parse: (text, previous) => [...previous, parseExternalCa(text)],
});

export const certificateExpiry = flag.duration({
  summary: 'How long certificates of nodes are valid (2160h0m0s)',
});

/** How a Swarm runs: the flags of `init` and `update`. */
export const swarmFlags = {
  certExpiry: certificateExpiry,
  dispatcherHeartbeat: flag.duration({ summary: 'Time between signs of life of the nodes (5s)' }),
  externalCa: externalCaFlag,
  maxSnapshots: flag.integer({ summary: 'Number of older Raft snapshots to keep', value: 'uint' }),
  snapshotInterval: flag.integer({
    summary: 'Number of log entries between Raft snapshots (10000)',
    value: 'uint',
  }),
  taskHistoryLimit: flag.integer({ summary: 'Number of ended tasks to remember for each place (5)' }),
};

interface SwarmOptions {
  certExpiry: number | undefined;
  dispatcherHeartbeat: number | undefined;
  externalCa: ExternalCa[];
  maxSnapshots: number | undefined;
  snapshotInterval: number | undefined;
  taskHistoryLimit: number | undefined;
}

/** A Swarm's settings with those that were given in the place of what they were. */
export function withSettings(spec: SwarmSpec, options: SwarmOptions): SwarmSpec {
  const given = <T>(key: string, value: T | undefined) => (value === undefined ? {} : { [key]: value });
  return {
    ...spec,
    Orchestration: {
      ...spec.Orchestration,
      ...given('TaskHistoryRetentionLimit', options.taskHistoryLimit),
    },
    Raft: {
      ...spec.Raft,
      ...given('SnapshotInterval', options.snapshotInterval),
      ...given('KeepOldSnapshots', options.maxSnapshots),
    },
    Dispatcher: { ...spec.Dispatcher, ...given('HeartbeatPeriod', options.dispatcherHeartbeat) },
    CAConfig: {
      ...spec.CAConfig,
      ...given('NodeCertExpiry', options.certExpiry),
      ...(options.externalCa.length > 0 ? { ExternalCAs: options.externalCa } : {}),
    },
  };
}

/** Whether any of the flags was given. */
export const anyGiven = (options: SwarmOptions): boolean =>
  Object.values(options).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined));

/** An address to listen on, `HOST[:PORT]`; the port is 2377 when it is left out. */
export const listenAddress = flag.custom<string>({
  type: 'node-addr',
  summary: 'Address to listen on, as IP|INTERFACE[:PORT]',
  default: '0.0.0.0:2377',
  parse: (text) => (/^(\[.*\]|[^:]*):\d+$/.test(text) ? text : `${text}:2377`),
});

export const availabilityFlag = flag.string({
  summary: 'Whether the node takes tasks: active, pause or drain',
  choices: ['active', 'pause', 'drain'],
  default: 'active',
});

/** The availability as the API has it. Throws CommandError. */
export function availability(text: string): string {
  const lower = text.toLowerCase();
  if (['active', 'pause', 'drain'].includes(lower)) return lower;
  throw new CommandError(`invalid availability "${text}", only active, pause and drain are supported`);
}
