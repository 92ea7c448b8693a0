import { timeType } from '../go/time.ts';
import {
  basic,
  boolType,
  embedded,
  int64Type,
  mapOf,
  pointerTo,
  sliceOf,
  stringType,
  structOf,
} from '../go/value.ts';
import { descriptor, driverData, emptyStruct, named, platform, strings, texts } from './basic.ts';
import { containerConfig, healthcheck } from './container.ts';

const size = basic('int', 'int64');

const imageConfig = structOf('v1.DockerOCIImageConfig', {
  ImageConfig: embedded(
    structOf('v1.ImageConfig', {
      User: [stringType, ',omitempty'],
      ExposedPorts: [mapOf(emptyStruct), ',omitempty'],
      Env: [strings, ',omitempty'],
      Entrypoint: [strings, ',omitempty'],
      Cmd: [strings, ',omitempty'],
      Volumes: [mapOf(emptyStruct), ',omitempty'],
      WorkingDir: [stringType, ',omitempty'],
      Labels: [texts, ',omitempty'],
      StopSignal: [stringType, ',omitempty'],
      ArgsEscaped: [boolType, ',omitempty'],
    }),
  ),
  DockerOCIImageConfigExt: embedded(
    structOf('v1.DockerOCIImageConfigExt', {
      Healthcheck: [pointerTo(healthcheck), ',omitempty'],
      OnBuild: [strings, ',omitempty'],
      Shell: [strings, ',omitempty'],
    }),
  ),
});

const manifest = structOf('image.ManifestSummary', {
  ID: stringType,
  Descriptor: descriptor,
  Available: boolType,
  Size: structOf('struct { Content int64 "json:\\"Content\\""; Total int64 "json:\\"Total\\"" }', {
    Content: size,
    Total: size,
  }),
  Kind: named('image.ManifestKind'),
  ImageData: [
    pointerTo(
      structOf('image.ImageProperties', {
        Platform: platform,
        Size: structOf('struct { Unpacked int64 "json:\\"Unpacked\\"" }', { Unpacked: size }),
        Containers: strings,
      }),
    ),
    ',omitempty',
  ],
  AttestationData: [
    pointerTo(structOf('image.AttestationProperties', { For: named('digest.Digest') })),
    ',omitempty',
  ],
});

/** The answer to an inspect of an image. */
export const imageInspect = structOf('image.InspectResponse', {
  ID: [stringType, 'Id'],
  RepoTags: strings,
  RepoDigests: strings,
  Parent: stringType,
  Comment: stringType,
  Created: [stringType, ',omitempty'],
  Container: [stringType, ',omitempty'],
  ContainerConfig: [pointerTo(containerConfig), ',omitempty'],
  DockerVersion: stringType,
  Author: stringType,
  Config: pointerTo(imageConfig),
  Architecture: stringType,
  Variant: [stringType, ',omitempty'],
  Os: stringType,
  OsVersion: [stringType, ',omitempty'],
  Size: int64Type,
  VirtualSize: [int64Type, ',omitempty'],
  GraphDriver: driverData,
  RootFS: structOf('image.RootFS', { Type: [stringType, ',omitempty'], Layers: [strings, ',omitempty'] }),
  Metadata: structOf('image.Metadata', { LastTagTime: [timeType, ',omitempty'] }),
  Descriptor: [pointerTo(descriptor), ',omitempty'],
  Manifests: [sliceOf(manifest), ',omitempty'],
});
