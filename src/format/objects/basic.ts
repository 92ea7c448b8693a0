/**
 * Types that several of docker's objects share. The objects here are declared as docker's own client declares
 * them, fields in their order: templates show names, zero values and nil as it does.
 */
import { timeType } from '../go/time.ts';
import {
  basic,
  boolType,
  int64Type,
  makeValue,
  mapOf,
  pointerTo,
  sliceOf,
  stringType,
  structOf,
  type Type,
} from '../go/value.ts';

export const strings = sliceOf(stringType);
export const texts = mapOf(stringType);
export const emptyStruct = structOf('struct {}', {});
export const optionalBool = pointerTo(boolType);
export const optionalInt64 = pointerTo(int64Type);

/** A text under a name of its own. */
export const named = (name: string): Type => basic('string', name);

/** A list of words that JSON may also hold as one text. */
export const words: Type = {
  ...sliceOf(stringType, 'strslice.StrSlice'),
  decode: (json) => {
    const items = typeof json === 'string' ? [json] : Array.isArray(json) ? json : [];
    return makeValue(
      words,
      items.map((item) => makeValue(stringType, typeof item === 'string' ? item : '')),
    );
  },
};

/** Bytes, which JSON carries in base64. */
export const bytes: Type = {
  ...sliceOf(basic('uint', 'uint8')),
  decode: (json) =>
    makeValue(
      bytes,
      [...Buffer.from(typeof json === 'string' ? json : '', 'base64')].map((byte) =>
        makeValue(basic('uint', 'uint8'), BigInt(byte)),
      ),
    ),
  encode: (value) => {
    if (value.kind !== 'slice' || value.of === null) return 'null';
    const numbers = value.of.map((byte) => (byte.kind === 'uint' ? Number(byte.of) : 0));
    return `"${Buffer.from(numbers).toString('base64')}"`;
  },
};

export const platform = structOf('v1.Platform', {
  Architecture: [stringType, 'architecture'],
  OS: [stringType, 'os'],
  OSVersion: [stringType, 'os.version,omitempty'],
  OSFeatures: [strings, 'os.features,omitempty'],
  Variant: [stringType, 'variant,omitempty'],
});

export const descriptor = structOf('v1.Descriptor', {
  MediaType: [stringType, 'mediaType'],
  Digest: [named('digest.Digest'), 'digest'],
  Size: [int64Type, 'size'],
  URLs: [strings, 'urls,omitempty'],
  Annotations: [texts, 'annotations,omitempty'],
  Data: [bytes, 'data,omitempty'],
  Platform: [pointerTo(platform), 'platform,omitempty'],
  ArtifactType: [stringType, 'artifactType,omitempty'],
});

export const driverData = structOf('storage.DriverData', { Data: texts, Name: stringType });

/** What Swarm knows of the versions of an object. */
export const meta = structOf('swarm.Meta', {
  Version: [structOf('swarm.Version', { Index: [basic('uint', 'uint64'), ',omitempty'] }), ',omitempty'],
  CreatedAt: timeType,
  UpdatedAt: timeType,
});
