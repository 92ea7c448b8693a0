import { writeFile } from 'node:fs/promises';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { routes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { checkedList } from '../container/options/flags/kinds.ts';
import { parseUlimit, type Ulimit } from '../container/options/resources.ts';
import { checkExtraHost } from '../container/options/values.ts';
import { encodeLogin } from '../registry-auth.ts';
import type { askForKnown, KnownContext } from './build-context/known.ts';
import type { PackedContext } from './build-context/pack.ts';
import { countWhatIsSent } from './build-context/sent.ts';
import { limitFlags, limitQuery } from './build-limits.ts';
import { readCacheSources } from './build-more/caches.ts';
import { moreFlags } from './build-more/flags.ts';
import { readGiven } from './build-more/given.ts';
import { readDestination, writeMetadata, writeResult } from './build-more/result.ts';
import { type BuildDisplay, createDisplay, readManner } from './build-progress/display.ts';

export default defineCommand({
  usage: '[OPTIONS] PATH | URL | -',
  summary: 'Build an image from a Dockerfile',
  description:
    'Sends a folder, without what its .dockerignore leaves out, to the engine and builds an image of it. With `-` ' +
    'the context is an archive on standard input, or a Dockerfile alone. The engine fetches a context from a URL: a git ' +
    'repository (URL.git#BRANCH:FOLDER), an archive, or a Dockerfile.',
  examples: [
    { command: 'build -t app .', explanation: 'Build this folder and name the image' },
    {
      command: 'build -t app:test --target test --build-arg V=2 .',
      explanation: 'One stage, with an argument',
    },
    { command: 'build - < Dockerfile', explanation: 'Build without a context' },
    { command: 'build --check .', explanation: 'Look for what is doubtful in the Dockerfile' },
  ],
  arguments: exactly(1),
  flags: {
    addHost: flag.custom({
      summary: 'Add a line to /etc/hosts of RUN, as HOST:IP',
      ...checkedList(checkExtraHost),
    }),
    ...limitFlags,
    ...moreFlags,
    buildArg: flag.list({ summary: 'Value for an ARG of the Dockerfile', value: 'NAME[=VALUE]' }),
    check: flag.boolean({ summary: 'Look at the Dockerfile by the build checks, and build nothing' }),
    compress: flag.boolean({ summary: 'Pack the context with gzip' }),
    disableContentTrust: flag.boolean({ summary: 'Skip image verification', default: true, hidden: true }),
    file: flag.string({ short: 'f', summary: 'Dockerfile, - for standard input', default: '' }),
    forceRm: flag.boolean({ summary: 'Remove the container of a step that fails, too' }),
    iidfile: flag.string({ summary: 'Write the ID of the image to this file', default: '' }),
    label: flag.list({ summary: 'Label of the image', value: 'KEY[=VALUE]' }),
    network: flag.string({ summary: 'Network of RUN', default: 'default' }),
    noCache: flag.boolean({ summary: 'Do every step anew' }),
    platform: flag.string({ summary: 'Platform of the image, as linux/arm64', default: '' }),
    progress: flag.string({
      summary:
        'What is printed: auto (which BUILDKIT_PROGRESS sets), plain, tty for a live picture, quiet, or rawjson for what ' +
        'the engine sends, a message a line',
      choices: ['auto', 'plain', 'tty', 'quiet', 'rawjson'],
      default: 'auto',
    }),
    pull: flag.boolean({ summary: 'Ask registries for newer base images' }),
    quiet: flag.boolean({ short: 'q', summary: 'Print the ID of the image alone' }),
    rm: flag.boolean({ summary: 'Remove the containers of steps', default: true }),
    squash: flag.boolean({ summary: 'Make one layer of all that is built' }),
    tag: flag.list({ short: 't', summary: 'Name of the image', value: 'NAME[:TAG]' }),
    target: flag.string({ summary: 'Stage to build', default: '' }),
    ulimit: flag.custom<Ulimit[]>({
      summary: 'Limit of RUN, as nofile=1024:2048',
      type: 'ulimit',
      default: [],
      parse: (text, previous) => [...previous, parseUlimit(text)],
    }),
  },
  run: async (options, [source = ''], context) => {
    const { out, err } = context.streams;
    const given = readGiven(options, context.environment, (message) => void err.line(`WARNING: ${message}`));
    const cacheImages = readCacheSources(options.cacheFrom).images;
    const destination = readDestination(options.output);
    // What is built goes to standard output, what is said of it does not.
    const told = destination.path === '-' ? err : out;
    const manner = readManner(options, told, context.environment);
    const buildargs = JSON.stringify(pairs(options.buildArg, (name) => context.environment[name] ?? null));
    const packed = await packSource(source, options, context);
    const client = await context.connect();
    if (options.check) {
      const { checkDockerfile } = await import('./build-check.ts');
      const { target, platform } = options;
      const contexts = [...(given?.images.keys() ?? []), ...(given?.folders.keys() ?? [])];
      return checkDockerfile(client, { context: packed, target, platform, buildargs, contexts }, out);
    }
    // Nothing is told of being sent before somebody answers.
    if (packed.archive) await client.version();
    const session = given && (await (await import('./build-more/session.ts')).openInputs(client, given));
    let id = '';
    let said = '';
    const display = await createDisplay(manner, told, {
      title: options.tag.join(', ') || (source === '-' ? options.file || 'Dockerfile' : source),
      sendsContext: packed.archive !== null,
      onAux: (aux) => {
        id = idIn(aux) || id;
      },
      onStream: (text) => {
        said = text.trim();
      },
    });
    // A live picture is brought to its end; otherwise a signal ends the process, and so the build.
    const signal = manner === 'tty' ? context.signal : undefined;
    const quiet = manner === 'quiet';
    let known: KnownContext | null = null;
    try {
      if (packed.folder) known = await askFor(client, packed.folder, signal);
      const archive = known?.archive ?? packed.archive;
      const messages = await client.call(routes.imageBuild, {
        query: {
          ...{ davitinputs: session?.id ?? '', davitcontext: known?.id ?? '', davitprogress: display.wanted },
          remote: packed.remote,
          ...{
            dockerfile: packed.dockerfile,
            t: options.tag,
            target: options.target,
            platform: options.platform,
          },
          ...{ q: quiet, nocache: options.noCache, pull: options.pull ? '1' : '', rm: options.rm },
          ...{ forcerm: options.forceRm, networkmode: options.network, extrahosts: options.addHost },
          ...limitQuery(options),
          squash: options.squash,
          cachefrom: cacheImages.length > 0 ? JSON.stringify(cacheImages) : '',
          buildargs,
          labels: JSON.stringify(pairs(options.label, () => '')),
          ulimits: options.ulimit.length > 0 ? JSON.stringify(options.ulimit) : '',
        },
        input: archive ? outgoing(archive, options.compress, display) : undefined,
        headers: await registryConfig(context),
        signal,
      });
      await display.show(messages);
      const findings = display.findings();
      if (findings.length > 0) {
        const { findingsSummary } = await import('./build-progress/findings.ts');
        await err.line(findingsSummary(findings));
      }
      if (quiet) id = said;
      await session?.writeCaches(signal);
      await writeResult(client, { image: id, destination, out, signal });
      await writeMetadata(options.metadataFile, id, options.tag);
      // A quiet engine says nothing but the ID; docker keeps the end of that line in the file, too.
      if (quiet) await told.line(said);
      if (options.iidfile !== '') await writeFile(options.iidfile, quiet ? `${said}\n` : id);
    } finally {
      await display.breakOff(signal?.aborted ?? false);
      session?.close();
      known?.close();
    }
    return 0;
  },
});

async function askFor(...asked: Parameters<typeof askForKnown>): Promise<KnownContext | null> {
  const { askForKnown } = await import('./build-context/known.ts');
  return askForKnown(...asked);
}

/** The archive as it is sent: packed with gzip on request (engines unpack it), its size told while it goes. */
function outgoing(archive: Readable, compress: boolean, display: BuildDisplay): Readable {
  const steps: Duplex[] = [...(compress ? [createGzip()] : []), countWhatIsSent(display.sent)];
  // Who reads the end of it is told of an error on the way.
  return steps.reduce<Readable>((from, to) => pipeline(from, to, () => undefined), archive);
}

/** The context that an argument names, and its Dockerfile. */
async function packSource(
  source: string,
  { file, check }: { file: string; check: boolean },
  { streams }: CommandContext,
): Promise<PackedContext> {
  if (source === '-') {
    if (file === '-')
      throw new CommandError("invalid argument: can't use stdin for both build context and dockerfile");
    const { contextFromInput } = await import('./build-context/input.ts');
    return { archive: await contextFromInput(streams.in.stream), remote: '', dockerfile: file };
  }
  if (/^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(source)) {
    if (file === '-')
      throw new CommandError("invalid argument: can't use a Dockerfile from stdin with a URL");
    const remote = source.startsWith('github.com/') ? `https://${source}` : source;
    return { archive: null, remote, dockerfile: file };
  }
  const given = file === '-' ? await buffer(streams.in.stream) : null;
  const { packContext, packForCheck } = await import('./build-context/pack.ts');
  return (check ? packForCheck : packContext)(source, file === '-' ? '' : file, given);
}

/** `NAME=VALUE`, or a name alone, which has another value. */
function pairs(
  texts: readonly string[],
  alone: (name: string) => string | null,
): Record<string, string | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return equals === -1 ? [text, alone(text)] : [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Who we are to every registry: only the engine knows which of them it will ask. */
async function registryConfig({ config, environment }: CommandContext): Promise<Record<string, string>> {
  const { openLogins } = await import('../../config/auths.ts');
  const logins = openLogins(config.directory, environment);
  const known: Record<string, unknown> = {};
  for (const server of logins.servers()) {
    const login = await logins.get(server);
    if (!login) continue;
    const { username, password, identityToken } = login;
    known[server] = { username, password, identitytoken: identityToken, serveraddress: server };
  }
  return { 'X-Registry-Config': encodeLogin(known) };
}

function idIn(aux: unknown): string {
  return typeof aux === 'object' && aux !== null && 'ID' in aux ? String(aux.ID) : '';
}
