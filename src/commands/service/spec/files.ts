import { type ConfigReference, type SecretReference, type StoredFile, swarmRoutes } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { splitFields } from '../../csv.ts';

/** A secret or a config that a service is to see, by its name; without `file` it is not in the container's files. */
export interface WantedFile {
  name: string;
  file?: { Name: string; UID: string; GID: string; Mode: number };
}

type Kind = 'secret' | 'config';

/** Reads one value of --secret or --config, a name or fields. Throws Error in docker's words. */
export const wantedFile = (kind: Kind) => (text: string) => {
  const fields = splitFields(text);
  const file = { Name: '', UID: '0', GID: '0', Mode: 0o444 };
  const [first = ''] = fields;
  if (fields.length === 1 && !first.includes('=')) return { name: first, file: { ...file, Name: first } };
  let name = '';
  for (const field of fields) {
    const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    switch (key?.toLowerCase()) {
      case undefined:
        throw new Error(`invalid field '${field}' must be a key=value pair`);
      case 'source':
      case 'src':
        name = value;
        break;
      case 'target':
        file.Name = value;
        break;
      case 'uid':
        file.UID = value;
        break;
      case 'gid':
        file.GID = value;
        break;
      case 'mode':
        file.Mode = readMode(value);
        break;
      default:
        throw new Error(`invalid field in ${kind} request: ${key}`);
    }
  }
  if (name === '') throw new Error('source is required');
  return { name, file: { ...file, Name: file.Name || name } };
};

/** Octal after a zero, else decimal: as Go reads numbers. */
function readMode(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  const isNumber = /^(0|[1-9]\d*|0o[0-7]+|0x[\da-f]+|0b[01]+)$/i.test(text);
  if (isNumber && Number(text) <= 0xffff_ffff) return Number(text);
  throw new Error(
    `invalid mode specified: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

async function idsOf(
  kind: Kind,
  wanted: readonly WantedFile[],
  client: Client,
): Promise<Map<string, string>> {
  const route = kind === 'secret' ? swarmRoutes.secretList : swarmRoutes.configList;
  const filters = { name: wanted.map(({ name }) => name) };
  const files: StoredFile[] = await client.call(route, { query: { filters } });
  return new Map(files.map(({ ID, Spec }) => [Spec.Name, ID]));
}

/** Finds those that are wanted among the Swarm's. Throws CommandError when one is not there, or two have one target. */
async function find(kind: Kind, wanted: readonly WantedFile[], client: Client) {
  if (wanted.length === 0) return [];
  const targets = new Set<string>();
  for (const { name, file } of wanted) {
    if (!file) continue;
    if (targets.has(file.Name)) {
      throw new CommandError(`duplicate ${kind} target for ${name} not allowed`);
    }
    targets.add(file.Name);
  }
  const ids = await idsOf(kind, wanted, client);
  return wanted.map(({ name, file }) => {
    const id = ids.get(name);
    if (id === undefined) throw new CommandError(`${kind} not found: ${name}`);
    return { id, name, part: file ? { File: file } : { Runtime: {} } };
  });
}

/** References to secrets. Throws CommandError as `find` does, ApiError. */
export async function secretReferences(
  wanted: readonly WantedFile[],
  client: Client,
): Promise<SecretReference[]> {
  const found = await find('secret', wanted, client);
  return found.map(({ id, name, part }) => ({ ...part, SecretID: id, SecretName: name }));
}

/** References to configs. Throws CommandError as `find` does, ApiError. */
export async function configReferences(
  wanted: readonly WantedFile[],
  client: Client,
): Promise<ConfigReference[]> {
  const found = await find('config', wanted, client);
  return found.map(({ id, name, part }) => ({ ...part, ConfigID: id, ConfigName: name }));
}
