import { boolType, pointerTo, sliceOf, stringType, structOf } from '../go/value.ts';
import { texts } from './basic.ts';

/** What the client tells of itself. */
export const clientVersion = structOf('system.clientVersion', {
  Platform: [pointerTo(structOf('system.platformInfo', { Name: [stringType, ',omitempty'] })), ',omitempty'],
  Version: [stringType, ',omitempty'],
  APIVersion: [stringType, 'ApiVersion,omitempty'],
  DefaultAPIVersion: [stringType, ',omitempty'],
  GitCommit: stringType,
  GoVersion: stringType,
  Os: stringType,
  Arch: stringType,
  BuildTime: [stringType, ',omitempty'],
  Context: stringType,
});

const serverVersion = structOf('types.Version', {
  Platform: structOf('struct { Name string }', { Name: stringType }),
  Components: [
    sliceOf(
      structOf('types.ComponentVersion', {
        Name: stringType,
        Version: stringType,
        Details: [texts, ',omitempty'],
      }),
    ),
    ',omitempty',
  ],
  Version: stringType,
  APIVersion: [stringType, 'ApiVersion'],
  MinAPIVersion: [stringType, ',omitempty'],
  GitCommit: stringType,
  GoVersion: stringType,
  Os: stringType,
  Arch: stringType,
  KernelVersion: [stringType, ',omitempty'],
  Experimental: [boolType, ',omitempty'],
  BuildTime: [stringType, ',omitempty'],
});

/** All that `version` shows; Server is nil when the engine was not reached. */
export const versionInfo = structOf('system.versionInfo', {
  Client: clientVersion,
  Server: pointerTo(serverVersion),
});
