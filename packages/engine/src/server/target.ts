import { ApiError, apiVersion, compareVersions, minimumApiVersion } from '@davit/api';

/** What a request asks for: a path without its version prefix, its query, and the version when one is named. */
export interface Target {
  path: string;
  search: URLSearchParams;
  version: string | undefined;
}

/** Takes the target of a request line apart: `/v1.41/containers/json?all=1`, with a scheme and host before it or not. */
export function parseTarget(target: string): Target {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '');
  const [address = '', ...query] = local.split('?');
  const prefix = /^\/v([0-9.]+)(\/.*)$/.exec(address);
  return {
    path: prefix?.[2] ?? address,
    search: new URLSearchParams(query.join('?')),
    version: prefix?.[1],
  };
}

/** Refuses a version that the engine does not speak, in dockerd's words; none means the newest. */
export function checkVersion(version: string | undefined): string {
  if (version === undefined) return apiVersion;
  if (compareVersions(version, minimumApiVersion) < 0) {
    throw new ApiError(
      400,
      `client version ${version} is too old. Minimum supported API version is ${minimumApiVersion}, please upgrade your client to a newer version`,
    );
  }
  if (compareVersions(version, apiVersion) > 0) {
    throw new ApiError(
      400,
      `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
    );
  }
  return version;
}
