import {
  type ContainerChange,
  type ContainerCreateAnswer,
  type ContainerInspect,
  type ContainerPruneAnswer,
  type ContainerSummary,
  type ContainerTop,
  type ContainerUpdateAnswer,
  type ContainerWaitAnswer,
  containerCreateBody,
  containerStartBody,
  type ExecInspect,
  execCreateBody,
  execStartBody,
} from './container.ts';
import { containerConfig, hostConfig } from './hostconfig.ts';
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneAnswer,
  ImageSummary,
} from './image.ts';
import type { ProgressMessage } from './jsonlines.ts';
import {
  type NetworkCreateAnswer,
  type NetworkInspect,
  type NetworkPruneAnswer,
  networkConnectBody,
  networkCreateBody,
  networkDisconnectBody,
} from './network.ts';
import { filters, flag, flagByDefault, type QueryShape, text, texts, wholeNumber } from './query.ts';
import { type AuthAnswer, authBody, type DistributionInspect, type SearchResult } from './registry.ts';
import { optional, type Shape } from './shape.ts';
import type { ContainerStats } from './stats.ts';
import type { BuildPruneAnswer, DiskUsage, EventMessage, SystemInfo, SystemVersion } from './system.ts';
import {
  type Volume,
  type VolumeListAnswer,
  type VolumePruneAnswer,
  volumeCreateBody,
  volumeUpdateBody,
} from './volume.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** The names in a path such as `/containers/{name}/json`; `{name*}` may hold slashes. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name extends `${infer Bare}*` ? Bare : Name]: string } & PathParameters<Rest>
  : unknown;

/** What a request carries: nothing, a JSON value of a known shape, or a stream that is passed on as it is. */
export type RequestBody<B> = { kind: 'none' } | { kind: 'json'; shape: Shape<B> } | { kind: 'stream' };

/**
 * What comes back. `empty`: a status alone. `json`: one value. `jsonlines`: values as they happen. `stream`:
 * bytes. `text`: a plain text. `hijack`: the connection itself becomes a stream in both directions.
 */
export type AnswerKind = 'empty' | 'json' | 'jsonlines' | 'stream' | 'text' | 'hijack';

/** How an answer comes. `protocol`: what a connection that is taken over becomes, by default a raw stream (`tcp`). */
interface AnswerForm<K extends AnswerKind, R> {
  kind: K;
  type?: R;
  protocol?: 'websocket';
}

/** One entry of the contract. `R` is the type of the JSON that comes back, and has no value at run time. */
export interface Route<Path extends string, Q extends QueryShape, B, R, K extends AnswerKind> {
  method: Method;
  path: Path;
  query: Q;
  body: RequestBody<B>;
  answer: AnswerForm<K, R>;
}

export function route<Path extends string, Q extends QueryShape, B, R, K extends AnswerKind>(
  method: Method,
  path: Path,
  query: Q,
  body: RequestBody<B>,
  answer: AnswerForm<K, R>,
): Route<Path, Q, B, R, K> {
  return { method, path, query, body, answer };
}

export const none: RequestBody<undefined> = { kind: 'none' };
export const stream: RequestBody<undefined> = { kind: 'stream' };
export const json = <B>(shape: Shape<B>): RequestBody<B> => ({ kind: 'json', shape });

export const nothing: { kind: 'empty'; type?: undefined } = { kind: 'empty' };
const plainText: { kind: 'text'; type?: string } = { kind: 'text' };
export const bytes: { kind: 'stream'; type?: undefined } = { kind: 'stream' };
export const hijack: { kind: 'hijack'; type?: undefined } = { kind: 'hijack' };
const webSocket: { kind: 'hijack'; protocol: 'websocket'; type?: undefined } = {
  kind: 'hijack',
  protocol: 'websocket',
};
export const value = <R>(): { kind: 'json'; type?: R } => ({ kind: 'json' });
export const lines = <R>(): { kind: 'jsonlines'; type?: R } => ({ kind: 'jsonlines' });

const attachQuery = { detachKeys: text, logs: flag, stream: flag, stdin: flag, stdout: flag, stderr: flag };
export const logsQuery = {
  follow: flag,
  stdout: flag,
  stderr: flag,
  since: text,
  until: text,
  timestamps: flag,
  details: flag,
  tail: text,
};
const size = { h: wholeNumber, w: wholeNumber };
/** Lists and maps travel as JSON in one parameter. */
const buildQuery = {
  ...{ dockerfile: text, t: texts, remote: text, target: text, platform: text, version: text },
  ...{ q: flag, nocache: flag, pull: text, rm: flagByDefault, forcerm: flag, squash: flag },
  ...{ buildargs: text, labels: text, cachefrom: text, ulimits: text, securityopt: text, outputs: text },
  // What was given with POST /davit/build-inputs.
  davitinputs: text,
  // A context of which only some files are sent, instead of remote: see POST /davit/build-contexts.
  davitcontext: text,
  // How davit's engine tells of the build besides: see BuildReport.
  davitprogress: text,
  ...{ networkmode: text, extrahosts: texts, cgroupparent: text, isolation: text, shmsize: wholeNumber },
  ...{ memory: wholeNumber, memswap: wholeNumber, cpushares: wholeNumber, cpuperiod: wholeNumber },
  ...{ cpuquota: wholeNumber, cpusetcpus: text, cpusetmems: text },
};

const pruneQuery = {
  ...{ all: flag, filters, 'keep-storage': wholeNumber },
  ...{ 'reserved-space': wholeNumber, 'max-used-space': wholeNumber, 'min-free-space': wholeNumber },
};

/** Every endpoint that the client calls and the engine answers, each written once. */
export const routes = {
  ping: route('GET', '/_ping', {}, none, plainText),
  pingHead: route('HEAD', '/_ping', {}, none, nothing),
  version: route('GET', '/version', {}, none, value<SystemVersion>()),
  info: route('GET', '/info', {}, none, value<SystemInfo>()),
  events: route('GET', '/events', { since: text, until: text, filters }, none, lines<EventMessage>()),
  diskUsage: route('GET', '/system/df', { type: texts }, none, value<DiskUsage>()),

  imageList: route(
    'GET',
    '/images/json',
    { all: flag, filters, filter: text, digests: flag, 'shared-size': flag, manifests: flag },
    none,
    value<ImageSummary[]>(),
  ),
  imageLoad: route(
    'POST',
    '/images/load',
    { quiet: flagByDefault, platform: text },
    stream,
    lines<ProgressMessage>(),
  ),
  imageCreate: route(
    'POST',
    '/images/create',
    { fromImage: text, fromSrc: text, repo: text, tag: text, message: text, changes: texts, platform: text },
    stream,
    lines<ProgressMessage>(),
  ),
  imageSaveMany: route('GET', '/images/get', { names: texts, platform: text }, none, bytes),
  imageSave: route('GET', '/images/{name*}/get', { platform: text }, none, bytes),
  imageHistory: route(
    'GET',
    '/images/{name*}/history',
    { platform: text },
    none,
    value<ImageHistoryItem[]>(),
  ),
  imageTag: route('POST', '/images/{name*}/tag', { repo: text, tag: text }, none, nothing),
  imagePush: route(
    'POST',
    '/images/{name*}/push',
    { tag: text, platform: text },
    none,
    lines<ProgressMessage>(),
  ),
  imagePrune: route('POST', '/images/prune', { filters }, none, value<ImagePruneAnswer>()),
  imageSearch: route(
    'GET',
    '/images/search',
    { term: text, limit: wholeNumber, filters },
    none,
    value<SearchResult[]>(),
  ),
  auth: route('POST', '/auth', {}, json(authBody), value<AuthAnswer>()),
  distributionInspect: route('GET', '/distribution/{name*}/json', {}, none, value<DistributionInspect>()),
  imageInspect: route('GET', '/images/{name*}/json', { platform: text }, none, value<ImageInspect>()),
  imageRemove: route(
    'DELETE',
    '/images/{name*}',
    { force: flag, noprune: flag, platforms: texts },
    none,
    value<ImageDeleteItem[]>(),
  ),

  containerCreate: route(
    'POST',
    '/containers/create',
    { name: text, platform: text },
    json(containerCreateBody),
    value<ContainerCreateAnswer>(),
  ),
  containerList: route(
    'GET',
    '/containers/json',
    { all: flag, limit: wholeNumber, size: flag, filters },
    none,
    value<ContainerSummary[]>(),
  ),
  containerInspect: route('GET', '/containers/{name*}/json', { size: flag }, none, value<ContainerInspect>()),
  containerTop: route('GET', '/containers/{name}/top', { ps_args: text }, none, value<ContainerTop>()),
  containerStart: route(
    'POST',
    '/containers/{name}/start',
    { detachKeys: text },
    json(containerStartBody),
    nothing,
  ),
  containerStop: route('POST', '/containers/{name}/stop', { signal: text, t: wholeNumber }, none, nothing),
  containerRestart: route(
    'POST',
    '/containers/{name}/restart',
    { signal: text, t: wholeNumber },
    none,
    nothing,
  ),
  containerRename: route('POST', '/containers/{name}/rename', { name: text }, none, nothing),
  containerPrune: route('POST', '/containers/prune', { filters }, none, value<ContainerPruneAnswer>()),
  containerPause: route('POST', '/containers/{name}/pause', {}, none, nothing),
  containerUnpause: route('POST', '/containers/{name}/unpause', {}, none, nothing),
  containerStats: route(
    'GET',
    '/containers/{name}/stats',
    { stream: flagByDefault, 'one-shot': flag },
    none,
    lines<ContainerStats>(),
  ),
  containerUpdate: route(
    'POST',
    '/containers/{name}/update',
    {},
    json(hostConfig),
    value<ContainerUpdateAnswer>(),
  ),
  containerKill: route('POST', '/containers/{name}/kill', { signal: text }, none, nothing),
  /** One value, but the status comes at once: clients start a container only when they know that it is waited for. */
  containerWait: route(
    'POST',
    '/containers/{name}/wait',
    { condition: text },
    none,
    lines<ContainerWaitAnswer>(),
  ),
  containerAttach: route('POST', '/containers/{name}/attach', attachQuery, none, hijack),
  containerAttachWebSocket: route('GET', '/containers/{name}/attach/ws', attachQuery, none, webSocket),
  containerLogs: route('GET', '/containers/{name}/logs', logsQuery, none, bytes),
  containerResize: route('POST', '/containers/{name}/resize', size, none, nothing),
  containerArchiveStat: route('HEAD', '/containers/{name}/archive', { path: text }, none, nothing),
  containerArchive: route('GET', '/containers/{name}/archive', { path: text }, none, bytes),
  containerExtract: route(
    'PUT',
    '/containers/{name}/archive',
    { path: text, noOverwriteDirNonDir: flag, copyUIDGID: flag },
    stream,
    nothing,
  ),
  containerExport: route('GET', '/containers/{name}/export', {}, none, bytes),
  containerChanges: route('GET', '/containers/{name}/changes', {}, none, value<ContainerChange[]>()),
  containerCommit: route(
    'POST',
    '/commit',
    {
      container: text,
      repo: text,
      tag: text,
      comment: text,
      author: text,
      pause: flagByDefault,
      changes: texts,
    },
    json(optional(containerConfig)),
    value<{ Id: string }>(),
  ),
  imageBuild: route('POST', '/build', buildQuery, stream, lines<ProgressMessage>()),

  containerRemove: route(
    'DELETE',
    '/containers/{name*}',
    { v: flag, link: flag, force: flag },
    none,
    nothing,
  ),

  networkList: route('GET', '/networks', { filters }, none, value<NetworkInspect[]>()),
  networkCreate: route('POST', '/networks/create', {}, json(networkCreateBody), value<NetworkCreateAnswer>()),
  networkPrune: route('POST', '/networks/prune', { filters }, none, value<NetworkPruneAnswer>()),
  networkInspect: route(
    'GET',
    '/networks/{name}',
    { verbose: flag, scope: text },
    none,
    value<NetworkInspect>(),
  ),
  networkRemove: route('DELETE', '/networks/{name}', {}, none, nothing),
  networkConnect: route('POST', '/networks/{name}/connect', {}, json(networkConnectBody), nothing),
  networkDisconnect: route('POST', '/networks/{name}/disconnect', {}, json(networkDisconnectBody), nothing),

  volumeCreate: route('POST', '/volumes/create', {}, json(volumeCreateBody), value<Volume>()),
  volumeList: route('GET', '/volumes', { filters }, none, value<VolumeListAnswer>()),
  volumeInspect: route('GET', '/volumes/{name*}', {}, none, value<Volume>()),
  volumeUpdate: route('PUT', '/volumes/{name*}', { version: wholeNumber }, json(volumeUpdateBody), nothing),
  volumeRemove: route('DELETE', '/volumes/{name*}', { force: flag }, none, nothing),
  volumePrune: route('POST', '/volumes/prune', { filters }, none, value<VolumePruneAnswer>()),

  buildPrune: route('POST', '/build/prune', pruneQuery, none, value<BuildPruneAnswer>()),

  execCreate: route('POST', '/containers/{name}/exec', {}, json(execCreateBody), value<{ Id: string }>()),
  execStart: route('POST', '/exec/{id}/start', {}, json(execStartBody), hijack),
  execResize: route('POST', '/exec/{id}/resize', size, none, nothing),
  execInspect: route('GET', '/exec/{id}/json', {}, none, value<ExecInspect>()),
};
