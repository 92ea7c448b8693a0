import { anyType, int64Type, mapOf, pointerTo, stringType, structOf } from '../go/value.ts';
import { texts } from './basic.ts';

/** The answer to an inspect of a volume. */
export const volumeInspect = structOf('volume.Volume', {
  ClusterVolume: [anyType, ',omitempty'],
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
