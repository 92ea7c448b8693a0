import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { BuildCase } from '../build-cases/case.ts';
import { files } from '../build-cases/case.ts';
import type { Engine } from './engine.ts';
import { requestBytes } from './http.ts';
import { tar } from './image.ts';

export interface BuildAnswer {
  status: number;
  /** What it printed, in order. */
  text: string;
  /** What it failed with; empty when it did not. */
  error: string;
  /** ID of the image. */
  id: string;
}

interface Message {
  stream?: string;
  error?: string;
  message?: string;
  aux?: { ID?: string };
}

/** Builds over the API, as docker's client without BuildKit does. */
export async function buildOn(engine: Engine, one: Omit<BuildCase, 'name'>): Promise<BuildAnswer> {
  const { dockerfile, query = {} } = one;
  const context = await tar([...(one.files ?? files), { name: 'Dockerfile', content: dockerfile }]);
  const search = new URLSearchParams({ rm: '1', forcerm: '1', networkmode: 'none', ...query });
  const { status, body } = await engine.request('POST', `/build?${search}`, context);
  const messages = body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Message);
  const last = (pick: (message: Message) => string | undefined) => messages.map(pick).findLast(Boolean) ?? '';
  return {
    status,
    text: messages.map(({ stream = '' }) => stream).join(''),
    error: last(({ error, message }) => error ?? message),
    id: last(({ aux }) => aux?.ID),
  };
}

/** What a file of an image is, without its time. */
type Tree = Record<string, string>;

/** Places that an engine puts into every container. */
const placed = /^(?:dev|proc|sys|etc\/(?:hostname|hosts|resolv\.conf|mtab)|\.dockerenv)(?:\/|$)/;

/** All files of an image, as an export of a container of it has them. */
export async function treeOf(
  engine: Engine,
  image: string,
): Promise<{ tree: Tree; contents: Record<string, string> }> {
  const created = await engine.request(
    'POST',
    '/containers/create',
    JSON.stringify({ Image: image, Cmd: ['x'], Volumes: {} }),
  );
  const { Id } = JSON.parse(created.body) as { Id: string };
  try {
    const archive = await requestBytes(engine.socket, 'GET', `/containers/${Id}/export`);
    return await readTree(archive);
  } finally {
    await engine.request('DELETE', `/containers/${Id}?force=1&v=1`);
  }
}

async function readTree(archive: Buffer): Promise<{ tree: Tree; contents: Record<string, string> }> {
  const tree: Tree = {};
  const contents: Record<string, string> = {};
  const reader = extract();
  Readable.from([archive]).pipe(reader);
  for await (const entry of reader) {
    const { name, type, mode = 0, uid, gid, linkname, size } = entry.header;
    const content = await buffer(entry);
    const path = name.replace(/^\.?\//, '').replace(/\/$/, '');
    if (path === '' || placed.test(path)) continue;
    const digest = type === 'file' ? createHash('sha1').update(content).digest('hex') : '';
    tree[path] = [
      type,
      (mode & 0o7777).toString(8),
      uid,
      gid,
      type === 'file' ? size : '',
      linkname ?? '',
      digest,
    ].join(' ');
    contents[path] = type === 'symlink' ? `-> ${linkname}` : content.toString();
  }
  return { tree, contents };
}

/** What an image says of itself, without what is not set and what one engine alone tells. */
export async function configOf(engine: Engine, image: string): Promise<Record<string, unknown>> {
  const { body } = await engine.request('GET', `/images/${image}/json`);
  const { Config, Author } = JSON.parse(body) as { Config: Record<string, unknown>; Author: string };
  const told = [
    'Env',
    'Cmd',
    'Entrypoint',
    'User',
    'WorkingDir',
    'Labels',
    'ExposedPorts',
    'Volumes',
    'StopSignal',
    'Healthcheck',
    'OnBuild',
    'Shell',
  ];
  const isSet = (value: unknown) =>
    typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
  const entries = told.map((key) => [key, Config[key]] as const).filter(([, value]) => isSet(value));
  return { ...Object.fromEntries(entries), ...(Author ? { Author } : {}) };
}
