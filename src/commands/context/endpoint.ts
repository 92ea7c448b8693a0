import { createSecureContext } from 'node:tls';
import type { TlsMaterial } from '../../config/context-store.ts';
import type { ContextEndpoint } from '../../config/contexts.ts';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { splitFields } from '../csv.ts';
import { FlagValueError, flag } from '../flag.ts';
import { splitPair } from '../values.ts';
import { readTlsFiles, readWhole } from './source.ts';

const keys = ['host', 'ca', 'cert', 'key', 'skip-tls-verify', 'from'];

type Pairs = Record<string, string>;

/** Reads `key=value,key=value` with the habits of pflag. */
function readPairs(text: string, previous: Pairs | undefined): Pairs {
  const equals = text.split('=').length - 1;
  const parts = equals === 1 ? [text.replace(/^"+|"+$/g, '')] : splitFields(text);
  const pairs = parts.map((part) => {
    if (!part.includes('=')) throw new FlagValueError(`${part} must be formatted as key=value`);
    return splitPair(part);
  });
  return { ...previous, ...Object.fromEntries(pairs) };
}

/** `--docker host=…,ca=…,cert=…,key=…,skip-tls-verify=…` or `--docker from=CONTEXT`. */
export const endpointFlag = flag.custom<Pairs | undefined>({
  type: 'stringToString',
  default: undefined,
  value: 'key=value,...',
  summary: `Set the endpoint: ${keys.join(', ')}`,
  parse: readPairs,
});

interface Described {
  endpoint: ContextEndpoint;
  tls: TlsMaterial;
}

/** The endpoint that the pairs of --docker describe, and its TLS material. Throws CommandError. */
export function describeEndpoint(pairs: Pairs, context: CommandContext): Described {
  try {
    return describe(pairs, context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`unable to create docker endpoint config: ${reason}`, 1, { cause: error });
  }
}

function describe(pairs: Pairs, context: CommandContext): Described {
  const unknown = Object.keys(pairs).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`unrecognized config key: ${unknown}`);
  if (pairs.from) {
    const { metadata, tls } = readWhole(context, pairs.from);
    const { docker } = metadata.Endpoints;
    if (!docker) throw new Error('cannot find docker endpoint in context');
    return { endpoint: docker, tls: tls.docker ? { docker: tls.docker } : {} };
  }
  const skip = readTruth(pairs['skip-tls-verify'] ?? 'false');
  const files = readMaterial(pairs);
  const host = pairs.host ?? '';
  if (host !== '') checkHost(host);
  const { 'cert.pem': cert, 'key.pem': key } = files;
  if (cert && key) checkPair(cert, key);
  return {
    endpoint: { ...(host && { Host: host }), SkipTLSVerify: skip },
    tls: Object.keys(files).length > 0 ? { docker: files } : {},
  };
}

function readTruth(text: string): boolean {
  try {
    return flag.boolean({ summary: '' }).parse(text, false);
  } catch (error) {
    throw new Error(`skip-tls-verify: parsing ${JSON.stringify(text)}: invalid syntax`, { cause: error });
  }
}

function readMaterial({ ca, cert, key }: Pairs): Record<string, Uint8Array> {
  try {
    return readTlsFiles({ ca, cert, key });
  } catch (error) {
    const { code, path = '', message } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? new Error(`open ${path}: no such file or directory`) : new Error(message);
  }
}

function checkHost(host: string): void {
  const refuse = (reason: string) => new Error(`unable to apply docker endpoint options: ${reason}`);
  const [, scheme = '', rest = ''] = /^([^:]*):\/\/(.*)$/s.exec(host) ?? [];
  if (scheme === '' || rest === '') throw refuse(`unable to parse docker host \`${host}\``);
  if (scheme === 'npipe' && process.platform !== 'win32') throw refuse('protocol not available');
  if (scheme !== 'unix' && scheme !== 'npipe' && !URL.canParse(`http://${rest}`)) {
    throw new Error(`invalid docker endpoint options: unable to parse docker host \`${host}\``);
  }
}

function checkPair(cert: Uint8Array, key: Uint8Array): void {
  try {
    createSecureContext({ cert: Buffer.from(cert), key: Buffer.from(key) });
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`invalid docker endpoint options: failed to retrieve context tls info: tls: ${reason}`, {
      cause: error,
    });
  }
}
