import { once } from 'node:events';
import {
  buildRoutes,
  type HostConfig,
  hostConfig,
  type ProgressMessage,
  type QueryOf,
  routes,
} from '@davit/api';
import type { BuildInputs, BuildOptions } from '../build/build.ts';
import type { BuildProgress } from '../build/progress.ts';
import { createReports, withMore } from '../build/reports.ts';
import type { BuildService } from '../build/service.ts';
import { createTranscript } from '../build/transcript.ts';
import { EngineError } from '../errors.ts';
import { registryCredentials } from '../registry/credentials.ts';
import type { AddRoute } from '../server/router.ts';

type Query = QueryOf<typeof routes.imageBuild.query>;

/** Builds, and what they keep for later. */
export function registerBuildRoutes(add: AddRoute, service: BuildService): void {
  add(buildRoutes.buildHistory, async () => service.history());
  add(buildRoutes.buildInspect, async ({ path }) => service.inspect(path.id));
  add(buildRoutes.buildInputs, async ({ body, send, signal }) => {
    const id = await service.inputs.open(body, signal);
    await send({ ID: id });
    // As long as the client stays: what it gave goes with it.
    if (!signal.aborted) await once(signal, 'abort');
    return undefined;
  });
  add(buildRoutes.buildInputsContext, async ({ path, query, input }) => {
    const known = query.davitcontext === '' ? null : service.known.find(query.davitcontext);
    await service.inputs.receive(path, input, known);
    return undefined;
  });
  add(buildRoutes.buildInputsCache, async ({ path }) => {
    return { contentType: 'application/x-tar', body: service.inputs.cache(path.id, path.name) };
  });
  add(buildRoutes.buildInputsAgent, async ({ path, hijack }) => {
    const agent = service.inputs.connectAgent(path.id, path.name);
    const connection = hijack('application/vnd.docker.raw-stream');
    agent.take(connection);
    await once(connection, 'close');
    return undefined;
  });
  add(buildRoutes.buildContext, async ({ input, send, signal }) => {
    const { id, missing } = await service.known.open(input, signal);
    await send({ ID: id, Missing: missing });
    if (!signal.aborted) await once(signal, 'abort');
    return undefined;
  });
  add(buildRoutes.buildCheck, async ({ query, input, signal }) => {
    const { remote, dockerfile, target, platform, contexts } = query;
    const buildArgs = textMap(query.buildargs, 'build args');
    const asked = { remote, dockerfile, target, platform, buildArgs, contexts: new Set(contexts) };
    return { Findings: await service.check(input, asked, signal) };
  });
  add(buildRoutes.imageFiles, async ({ path }) => {
    return { contentType: 'application/x-tar', body: await service.files(path.name) };
  });
  add(routes.buildPrune, ({ query }) => {
    const { all, filters } = query;
    return service.prune({
      ...{ all, filters },
      // Its older name comes from older clients.
      reservedSpace: query['reserved-space'] ?? query['keep-storage'] ?? 0,
      maxUsedSpace: query['max-used-space'] ?? 0,
      minFreeSpace: query['min-free-space'] ?? 0,
    });
  });
  add(routes.imageBuild, async ({ query, input, send, signal, requestHeader }) => {
    const options = optionsOf(
      query,
      requestHeader('x-registry-config'),
      service.inputs.find(query.davitinputs),
    );
    options.known = query.davitcontext === '' ? null : service.known.find(query.davitcontext);
    let told = false;
    const tell = async (message: ProgressMessage) => {
      told = true;
      await send(message);
    };
    const progress = tellerOf(query, tell);
    try {
      await service.build(input, options, progress, signal);
    } catch (error) {
      // Who has been told of the build has been told of its failure, too.
      if (!told || !(error instanceof EngineError)) throw error;
    }
    return undefined;
  });
}

/** How a build is told of: as docker's classic builder does, unless the client knows more. */
function tellerOf(query: Query, send: (message: ProgressMessage) => Promise<void>): BuildProgress {
  switch (query.davitprogress) {
    case '':
      return createTranscript(send, query.q);
    case 'failure':
      return withMore(createTranscript(send, query.q), send);
    case 'steps':
      return withMore(createReports(send), send);
    default:
      return refuse(`unknown davitprogress ${JSON.stringify(query.davitprogress)}: use failure or steps`);
  }
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** A parameter that holds JSON. */
function json(text: string, name: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse(`error reading ${name}: ${JSON.stringify(text.slice(0, 80))} is no JSON`);
  }
}

function textMap(text: string, name: string): Record<string, string | null> {
  const value = json(text, name) ?? {};
  const isMap = typeof value === 'object' && !Array.isArray(value);
  if (!isMap || !Object.values(value).every((one) => typeof one === 'string' || one === null))
    refuse(`error reading ${name}: it is no map of texts`);
  return value as Record<string, string | null>;
}

function textList(text: string, name: string): string[] {
  const value = json(text, name) ?? [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    return refuse(`error reading ${name}: it is no list of texts`);
  return value;
}

function optionsOf(query: Query, registryConfig: string | undefined, inputs: BuildInputs): BuildOptions {
  if (query.version === '2')
    refuse('this engine has no BuildKit service: use davit build, or DOCKER_BUILDKIT=0 docker build');
  if (query.squash) refuse('squash is not supported: several stages do the same');
  if (!['', 'default'].includes(query.isolation)) refuse(`invalid isolation: ${query.isolation}`);
  if (query.remote !== '' && query.davitcontext !== '')
    refuse('a build has one context: give either remote or davitcontext');
  if (query.outputs !== '') refuse('outputs are written by the client: this engine keeps the image');
  const labels = textMap(query.labels, 'labels');
  return {
    remote: query.remote,
    known: null,
    dockerfile: query.dockerfile,
    names: query.t.filter((name) => name !== ''),
    buildArgs: textMap(query.buildargs, 'build args'),
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value ?? ''])),
    target: query.target,
    platform: query.platform,
    noCache: query.nocache,
    cacheFrom: textList(query.cachefrom, 'cachefrom'),
    pull: !['', '0', 'false'].includes(query.pull.toLowerCase()),
    quiet: query.q,
    removeContainers: query.rm || query.forcerm,
    removeFailed: query.forcerm,
    hostConfig: limitsOf(query),
    credentialsFor: registryCredentials(registryConfig),
    inputs,
  };
}

/** What limits the containers of RUN, checked as in the body of a container's creation. */
function limitsOf(query: Query): Partial<HostConfig> {
  const given = {
    Memory: query.memory ?? 0,
    MemorySwap: query.memswap ?? 0,
    CpuShares: query.cpushares ?? 0,
    CpuPeriod: query.cpuperiod ?? 0,
    CpuQuota: query.cpuquota ?? 0,
    CpusetCpus: query.cpusetcpus,
    CpusetMems: query.cpusetmems,
    CgroupParent: query.cgroupparent,
    ShmSize: query.shmsize ?? 0,
    ExtraHosts: query.extrahosts,
    NetworkMode: query.networkmode,
    Ulimits: json(query.ulimits, 'ulimits') ?? [],
    SecurityOpt: json(query.securityopt, 'securityopt') ?? [],
  };
  const all = hostConfig(given, 'build');
  const entries = Object.entries(all).filter(([key]) => Object.hasOwn(given, key));
  return Object.fromEntries(entries) as Partial<HostConfig>;
}
