import { resolve } from 'node:path';
import type { Mount } from '@davit/api';
import type { DeepPartial } from '../../../http/client.ts';
import { splitFields } from '../../csv.ts';
import { FlagValueError } from '../../flag.ts';
import { parseBytes, splitPair } from '../../values.ts';

/** What the values of --volume come to. */
export interface Volumes {
  /** `SOURCE:TARGET[:OPTIONS]`, for paths of the host and for named volumes. */
  binds: string[];
  /** Mount points of volumes without a name. */
  anonymous: Record<string, Record<string, never>>;
}

/** Reads the values of --volume. Throws in docker's words. */
export function parseVolumes(specs: string[]): Volumes {
  const volumes: Volumes = { binds: [], anonymous: {} };
  for (const spec of new Set(specs)) {
    if (spec === '') throw new Error('invalid empty volume spec');
    const [source = '', ...rest] = spec.split(':');
    // docker takes one letter for a drive and leaves it to the engine.
    if (spec.length > 2 && source.length !== 1) checkSections(spec, [source, ...rest]);
    if (rest.length === 0 || spec.length <= 2) volumes.anonymous[spec] = {};
    else volumes.binds.push([source.startsWith('.') ? resolve(source) : source, ...rest].join(':'));
  }
  return volumes;
}

function checkSections(spec: string, sections: string[]): void {
  if (sections.slice(0, 3).includes('')) {
    throw new Error(`invalid spec: ${spec}: empty section between colons`);
  }
  if (sections.length > 3) throw new Error(`invalid spec: ${spec}: too many colons`);
}

/** Reads the values of --tmpfs: where, and with which options. */
export function parseTmpfs(specs: string[]): Record<string, string> {
  return Object.fromEntries(
    specs.map((spec) => {
      const [, path = '', options = ''] = /^([^:]*):?(.*)$/s.exec(spec) ?? [];
      return [path, options];
    }),
  );
}

type MountDraft = DeepPartial<Mount>;

/** Reads one value of --mount, fields in CSV. Throws FlagValueError in docker's words. */
export function parseMount(text: string): MountDraft {
  if (text === '') throw new FlagValueError('EOF');
  const mount: MountDraft = { Type: 'volume' };
  for (const field of splitFields(text)) applyField(mount, field);
  checkMount(mount);
  return mount;
}

function applyField(mount: MountDraft, field: string): void {
  const at = field.indexOf('=');
  const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
  if (at < 0 && !['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'].includes(key)) {
    throw new FlagValueError(`invalid field '${field}' must be a key=value pair`);
  }
  const value = at < 0 ? 'true' : field.slice(at + 1);
  const isTrue = () => readTruth(key, value);
  switch (key) {
    case 'type':
      mount.Type = value.toLowerCase();
      return;
    case 'source':
    case 'src':
      mount.Source = value.startsWith('.') ? resolve(value) : value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      mount.Target = value;
      return;
    case 'readonly':
    case 'ro':
      mount.ReadOnly = isTrue();
      return;
    case 'consistency':
      mount.Consistency = value.toLowerCase();
      return;
    case 'bind-propagation':
      mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() };
      return;
    case 'bind-nonrecursive':
      mount.BindOptions = { ...mount.BindOptions, NonRecursive: isTrue() };
      return;
    case 'bind-recursive':
      mount.BindOptions = { ...mount.BindOptions, ...recursion(key, value) };
      return;
    case 'volume-subpath':
      mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
      return;
    case 'volume-nocopy':
      mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: isTrue() };
      return;
    case 'volume-label':
      mount.VolumeOptions = {
        ...mount.VolumeOptions,
        Labels: { ...mount.VolumeOptions?.Labels, ...pairOf(value) },
      };
      return;
    case 'volume-driver':
      setDriver(mount, { Name: value });
      return;
    case 'volume-opt':
      setDriver(mount, { Options: { ...mount.VolumeOptions?.DriverConfig?.Options, ...pairOf(value) } });
      return;
    case 'image-subpath':
      mount.ImageOptions = { Subpath: value };
      return;
    case 'tmpfs-size':
      mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: readSize(key, value) };
      return;
    case 'tmpfs-mode':
      if (!/^[0-7]+$/.test(value)) throw new FlagValueError(`invalid value for ${key}: ${value}`);
      mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
      return;
    default:
      throw new FlagValueError(`unexpected key '${key}' in '${field}'`);
  }
}

function setDriver(mount: MountDraft, part: { Name?: string; Options?: Record<string, string> }): void {
  const { DriverConfig } = mount.VolumeOptions ?? {};
  mount.VolumeOptions = { ...mount.VolumeOptions, DriverConfig: { ...DriverConfig, ...part } };
}

function recursion(key: string, value: string): MountDraft['BindOptions'] {
  switch (value) {
    case 'enabled':
      return {};
    case 'disabled':
      return { NonRecursive: true };
    case 'writable':
      return { ReadOnlyNonRecursive: true };
    case 'readonly':
      return { ReadOnlyForceRecursive: true };
    default:
      throw new FlagValueError(
        `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
      );
  }
}

function checkMount({
  Type,
  Target,
  ReadOnly,
  BindOptions,
  VolumeOptions,
  ImageOptions,
  TmpfsOptions,
}: MountDraft): void {
  if (!Type) throw new FlagValueError('type is required');
  if (!Target) throw new FlagValueError('target is required');
  const kinds = { bind: BindOptions, volume: VolumeOptions, image: ImageOptions, tmpfs: TmpfsOptions };
  for (const [kind, options] of Object.entries(kinds)) {
    if (options && Type !== kind) {
      throw new FlagValueError(`cannot mix '${kind}-*' options with mount type '${Type}'`);
    }
  }
  const needsReadOnly = BindOptions?.ReadOnlyNonRecursive
    ? 'writable'
    : BindOptions?.ReadOnlyForceRecursive
      ? 'readonly'
      : null;
  if (needsReadOnly && !ReadOnly) {
    throw new FlagValueError(
      `option 'bind-recursive=${needsReadOnly}' requires 'readonly' to be specified in conjunction`,
    );
  }
  if (needsReadOnly === 'readonly' && BindOptions?.Propagation !== 'rprivate') {
    throw new FlagValueError(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    );
  }
}

function pairOf(text: string): Record<string, string> {
  return Object.fromEntries([splitPair(text)]);
}

function readTruth(key: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new FlagValueError(`invalid value for ${key}: ${value}`);
}

function readSize(key: string, value: string): number {
  try {
    return parseBytes(value);
  } catch (error) {
    throw new FlagValueError(`invalid value for ${key}: ${value}`, { cause: error });
  }
}
