import { dynamicValue, typedValue } from '../go/decode.ts';
import { encodeJson } from '../go/encode.ts';
import {
  anyType,
  boolType,
  embedded,
  makeValue,
  mapOf,
  sliceOf,
  stringType,
  structOf,
  type Type,
  text,
  type Value,
} from '../go/value.ts';
import type { Json } from '../json.ts';

const entriesOf = (json: Json): [string, Json][] => Object.entries(json as { [key: string]: Json });
const anyOf = (value: Value | null): Value => makeValue(anyType, value);

const anyMap = mapOf(anyType);

/** What is told of a context; keys that docker does not know are kept apart. */
const dockerContext: Type = {
  ...structOf('command.DockerContext', {
    Description: [stringType, ',omitempty'],
    AdditionalFields: [anyMap, '-'],
  }),
  decode: (json) => {
    const entries = entriesOf(json);
    const more = entries.filter(([key]) => key !== 'Description');
    const description = entries.find(([key]) => key === 'Description')?.[1];
    return makeValue(dockerContext, {
      Description: text(typeof description === 'string' ? description : ''),
      AdditionalFields: makeValue(
        anyMap,
        more.length > 0 ? new Map(more.map(([key, item]) => [key, anyOf(dynamicValue(item))])) : null,
      ),
    });
  },
  encode: (value) => {
    const { Description, AdditionalFields } = value.of as Record<string, Value>;
    const more = (AdditionalFields?.of ?? new Map()) as Map<string, Value>;
    const told = Description?.of ? [['Description', Description] as const] : [];
    return encodeJson(makeValue(anyMap, new Map([...more, ...told])));
  },
};

const dockerEndpoint = structOf('context.EndpointMetaBase', {
  Host: [stringType, ',omitempty'],
  SkipTLSVerify: boolType,
});

const endpoints: Type = {
  ...anyMap,
  decode: (json) =>
    makeValue(
      endpoints,
      new Map(
        entriesOf(json).map(([key, item]) => [
          key,
          anyOf(key === 'docker' ? typedValue(dockerEndpoint, item) : dynamicValue(item)),
        ]),
      ),
    ),
};

/** What an inspect of a context shows. */
export const contextInspect = structOf('context.contextWithTLSListing', {
  Metadata: embedded(
    structOf('store.Metadata', {
      Name: [stringType, ',omitempty'],
      Metadata: [{ ...anyType, decode: (json) => anyOf(dockerContext.decode?.(json) ?? null) }, ',omitempty'],
      Endpoints: [endpoints, ',omitempty'],
    }),
  ),
  TLSMaterial: [mapOf(sliceOf(stringType, 'store.EndpointFiles')), ',omitempty'],
  Storage: structOf('store.StorageInfo', { MetadataPath: stringType, TLSPath: stringType }),
});
