import type { AuthAnswer, DistributionInspect } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Credentials } from '../registry/credentials.ts';
import { downloadBlob } from '../registry/download.ts';
import { hub } from '../registry/endpoints.ts';
import { RegistryError } from '../registry/failure.ts';
import { fetchManifest } from '../registry/manifests.ts';
import { readImageFile } from './config.ts';
import { parseReference, withDefaultTag } from './reference.ts';
import { readRemote } from './remote.ts';

const largestConfig = 8 * 1024 * 1024;

/** What a registry has under a name, without pulling it. */
export function inspectRemote(
  registries: RegistryClient,
  name: string,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<DistributionInspect> {
  const reference = withDefaultTag(parseReference(name));
  const { domain, path } = reference;
  const scopes = [`repository:${path}:pull`];
  return registries.open({ domain, credentials, scopes, pulling: true, signal }, async (session) => {
    const manifest = await fetchManifest(session, path, reference.digest || reference.tag);
    const Descriptor = {
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.content.length,
    };
    const remote = readRemote(manifest);
    if (remote.kind === 'index')
      return { Descriptor, Platforms: remote.manifests.flatMap(({ platform }) => platformOf(platform)) };
    const { digest, size } = remote.config;
    if (size > largestConfig) throw new EngineError('internal', `the configuration ${digest} is too large`);
    const chunks: Buffer[] = [];
    for await (const chunk of downloadBlob(session, path, { digest, size, signal })) chunks.push(chunk);
    return { Descriptor, Platforms: platformOf(readImageFile(Buffer.concat(chunks))) };
  });
}

function platformOf(
  platform: { architecture: string; os: string; variant: string } | null,
): DistributionInspect['Platforms'] {
  if (!platform) return [];
  const { architecture, os, variant } = platform;
  return [{ architecture, os, ...(variant === '' ? {} : { variant }) }];
}

/** The registry that an address as clients store it speaks of: `https://index.docker.io/v1/` is docker's hub. */
export function registryOf(serverAddress: string): string {
  const domain = serverAddress.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return ['', 'index.docker.io', 'docker.io', hub.host].includes(domain) ? hub.domain : domain;
}

/** Checks credentials with their registry. Throws `unauthorized` when it does not take them. */
export async function checkCredentials(
  registries: RegistryClient,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<AuthAnswer> {
  const domain = registryOf(credentials.serverAddress);
  const place = { domain, credentials, scopes: [], pulling: false, wantIdentity: true, signal };
  try {
    // To be let in is all that is wanted.
    const IdentityToken = await registries.open(place, async (session) => session.identityToken);
    return { IdentityToken, Status: 'Login Succeeded' };
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status !== 401) throw error;
    throw new EngineError('unauthorized', `login attempt to ${domain} failed: ${error.message}`, {
      cause: error,
    });
  }
}
