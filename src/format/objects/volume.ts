import { anyType, embedded, int64Type, mapOf, pointerTo, stringType, structOf } from '../go/value.ts';
import { meta, texts } from './basic.ts';

const clusterVolume = structOf('volume.ClusterVolume', {
  ID: stringType,
  Meta: embedded(meta),
  Spec: anyType,
  PublishStatus: [anyType, ',omitempty'],
  Info: [anyType, ',omitempty'],
});

/** The answer to an inspect of a volume. */
export const volumeInspect = structOf('volume.Volume', {
  ClusterVolume: [pointerTo(clusterVolume), ',omitempty'],
  CreatedAt: [stringType, ',omitempty'],
  Driver: stringType,
  Labels: texts,
  Mountpoint: stringType,
  Name: stringType,
  Options: texts,
  Scope: stringType,
  Status: [mapOf(anyType), ',omitempty'],
  UsageData: [
    pointerTo(structOf('volume.UsageData', { RefCount: int64Type, Size: int64Type })),
    ',omitempty',
  ],
});
