import type { HostConfig } from '@davit/api';
import { splitFields } from '../../csv.ts';
import { FlagValueError } from '../../flag.ts';
import { splitPair } from '../../values.ts';

type DeviceRequest = NonNullable<HostConfig['DeviceRequests']>[number];

/** Reads one value of --gpus: `all`, a number, or fields such as `device=0,capabilities=utility`. */
export function parseGpus(text: string): DeviceRequest {
  const request: DeviceRequest = {
    Driver: '',
    Count: 0,
    DeviceIDs: null,
    Capabilities: null,
    Options: {},
  };
  const seen = new Set<string>();
  for (const field of splitFields(text)) {
    const at = field.indexOf('=');
    const key = at < 0 ? 'count' : field.slice(0, at);
    const value = field.slice(at + 1);
    if (seen.has(key)) throw new FlagValueError(`gpu request key '${key}' can be specified only once`);
    seen.add(key);
    switch (key) {
      case 'driver':
        request.Driver = value;
        break;
      case 'count':
        request.Count = parseCount(value);
        break;
      case 'device':
        request.DeviceIDs = value.split(',');
        break;
      case 'capabilities':
        request.Capabilities = [[...value.split(','), 'gpu']];
        break;
      case 'options':
        request.Options = Object.fromEntries(value.split(',').map(splitPair));
        break;
      default:
        throw new FlagValueError(`unexpected key '${key}' in '${field}'`);
    }
  }
  if (!seen.has('count') && request.DeviceIDs === null) request.Count = 1;
  request.Capabilities ??= [['gpu']];
  return request;
}

function parseCount(text: string): number {
  if (text === 'all') return -1;
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new FlagValueError(
    `invalid count (${text}): value must be either "all" or an integer: invalid syntax`,
  );
}
