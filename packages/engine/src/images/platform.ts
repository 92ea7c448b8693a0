import { EngineError } from '../errors.ts';

/** What an image was made for, in Go's words. */
export interface Platform {
  os: string;
  architecture: string;
  variant: string;
}

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** The platform of this machine. */
export const hostPlatform: Platform = {
  os: 'linux',
  architecture: architectures[process.arch] ?? process.arch,
  variant: '',
};

const aliases: Record<string, string> = {
  x86_64: 'amd64',
  x86: '386',
  i386: '386',
  aarch64: 'arm64',
  armhf: 'arm',
};

/**
 * Reads a platform as clients send it: `linux/arm64/v8`, or the same as JSON; the host's when it is empty.
 * Throws `badParameter`.
 */
export function parsePlatform(text: string): Platform {
  if (text === '') return hostPlatform;
  const parts = text.startsWith('{') ? fromJson(text) : text.toLowerCase().split('/');
  const [os = '', architecture = hostPlatform.architecture, variant = '', ...more] = parts;
  if (more.length > 0 || !parts.every((part) => /^[\w.-]*$/.test(part)) || os === '')
    throw new EngineError('badParameter', `${JSON.stringify(text)} is an invalid platform`);
  if (os !== 'linux')
    throw new EngineError('badParameter', `operating system ${JSON.stringify(os)} is not supported`);
  return { os, architecture: aliases[architecture] ?? architecture, variant };
}

function fromJson(text: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new EngineError('badParameter', `invalid platform: ${text}`, { cause: error });
  }
  const { os, architecture, variant } = parsed as Record<string, unknown>;
  return [String(os ?? 'linux'), String(architecture ?? hostPlatform.architecture), String(variant ?? '')];
}

/** `linux/arm64/v8` */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Whether something made for `offered` is what `wanted` asks for. */
export function matchesPlatform(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (wanted.variant === '' || offered.variant === wanted.variant)
  );
}
