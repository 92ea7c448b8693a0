import { formatPlatform, hostPlatform, type Platform } from '../images/platform.ts';
import type { Lookup } from '../images/words.ts';

/** Arguments that a build may give without the Dockerfile asking for them; they do not count for the cache. */
export const proxyArguments: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
);

/** What the engine says of platforms: FROM can use it as it is, stages name what they want of it with ARG. */
export function platformArguments(target: Platform, stage: string): Record<string, string> {
  return {
    TARGETPLATFORM: formatPlatform(target),
    TARGETOS: target.os,
    TARGETARCH: target.architecture,
    TARGETVARIANT: target.variant,
    TARGETSTAGE: stage === '' ? 'default' : stage,
    BUILDPLATFORM: formatPlatform(hostPlatform),
    BUILDOS: hostPlatform.os,
    BUILDARCH: hostPlatform.architecture,
    BUILDVARIANT: hostPlatform.variant,
  };
}

/** Looks names up in one place after the other. */
export const firstOf =
  (...lookups: Lookup[]): Lookup =>
  (name) => {
    for (const lookup of lookups) {
      const value = lookup(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };

export const lookupOf =
  (values: Readonly<Record<string, string | undefined>>): Lookup =>
  (name) =>
    Object.hasOwn(values, name) ? values[name] : undefined;
