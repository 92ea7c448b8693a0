import { formatReference, type Reference } from '@davit/api';
import {
  anonymous,
  type Credentials,
  certificateFolders,
  createRegistryClient,
  digestOf,
  downloadBlob,
  type FetchedManifest,
  fetchManifest,
  RegistryError,
  type Session,
  Unreachable,
} from '@davit/engine/registry';
import { openLogins } from '../../config/auths.ts';
import { type ImagePlatform, imagePlatform, type KeptManifest } from '../../config/manifests.ts';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import { serverOfImage } from '../registry-auth.ts';
import { type Document, isIndex, readDocument } from './document.ts';

async function credentialsFor(reference: Reference, context: CommandContext): Promise<Credentials> {
  const server = await serverOfImage(formatReference(reference));
  const login = await openLogins(context.config.directory, context.environment).get(server);
  return login ? { ...anonymous, ...login, serverAddress: server } : anonymous;
}

/**
 * Speaks with the registry of an image as the user of config.json: no engine has a part in it. `insecure` also goes
 * without TLS, or with any certificate.
 */
export async function withRegistry<T>(
  reference: Reference,
  { insecure, pushing }: { insecure: boolean; pushing: boolean },
  context: CommandContext,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { domain, path } = reference;
  const registries = createRegistryClient({
    config: { insecureRegistries: insecure ? [domain] : [], registryMirrors: [] },
    ...{ certificateFolders, environment: context.environment },
  });
  const credentials = await credentialsFor(reference, context);
  const scopes = [`repository:${path}:${pushing ? 'pull,push' : 'pull'}`];
  const { signal } = context;
  let answers = false;
  try {
    return await registries.open({ domain, credentials, scopes, pulling: false, signal }, (session) => {
      answers = true;
      return work(session);
    });
  } catch (error) {
    if (answers || !(error instanceof Unreachable)) throw error;
    throw new CommandError(`failed to configure transport: error pinging v2 registry: ${error.message}`, 1, {
      cause: error,
    });
  }
}

/** What a registry has under a name: an image, or the images of a list. */
export type Found =
  | { kind: 'image'; image: KeptManifest }
  | { kind: 'list'; images: () => Promise<KeptManifest[]> };

/** Looks a name up in its registry. Throws in docker's words when nothing is there. */
export async function lookUp(session: Session, reference: Reference): Promise<Found> {
  const manifest = await fetchNamed(session, reference, reference.digest || reference.tag);
  const document = readDocument(manifest);
  if (!isIndex(document))
    return { kind: 'image', image: await keptOf(session, reference, manifest, document) };
  const images = async () => {
    const all: KeptManifest[] = [];
    for (const { digest, platform } of document.manifests) {
      const inner = { ...reference, digest };
      const one = await fetchNamed(session, inner, digest);
      all.push(await keptOf(session, inner, one, readDocument(one), platform));
    }
    return all;
  };
  return { kind: 'list', images };
}

async function fetchNamed(session: Session, reference: Reference, version: string): Promise<FetchedManifest> {
  try {
    return await fetchManifest(session, reference.path, version);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status !== 404) throw error;
    throw new CommandError(`no such manifest: ${formatReference(reference)}`, 1, { cause: error });
  }
}

async function keptOf(
  session: Session,
  reference: Reference,
  { mediaType, digest, content }: FetchedManifest,
  document: Document,
  listed?: ImagePlatform,
): Promise<KeptManifest> {
  if (isIndex(document)) throw new CommandError(`${formatReference(reference)} is a manifest list`);
  const platform = listed ?? (await platformOf(session, reference, document.config));
  return {
    Ref: formatReference(reference),
    Descriptor: { mediaType, digest, size: content.length, platform },
    Raw: content.toString('base64'),
    ...document.shown,
  };
}

const largestConfig = 8 * 1024 * 1024;

/** What an image is for, as its configuration says. */
async function platformOf(
  session: Session,
  { path }: Reference,
  { digest, size }: { digest: string; size: number },
): Promise<ImagePlatform> {
  if (size > largestConfig) throw new CommandError(`the configuration ${digest} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of downloadBlob(session, path, { digest, size })) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  if (digestOf(content) !== digest)
    throw new CommandError(`image config verification failed for digest ${digest}`);
  const config = readConfig(content, digest);
  const text = (key: string) => (typeof config[key] === 'string' ? config[key] : '');
  const features = config['os.features'];
  return imagePlatform({
    ...{ architecture: text('architecture'), os: text('os'), variant: text('variant') },
    version: text('os.version'),
    features: Array.isArray(features) ? features.map(String) : [],
  });
}

function readConfig(content: Buffer, digest: string): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(content.toString());
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>;
  } catch {
    // What a registry sends may be anything.
  }
  throw new CommandError(`the configuration ${digest} is no JSON object`);
}
