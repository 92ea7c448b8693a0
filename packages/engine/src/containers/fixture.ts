import { containerConfig, endpointSettings, hostConfig, zero } from '@davit/api';
import type { ContainerRecord, RecordedState } from '../state/containers.ts';
import { initialState } from './status.ts';

/** What a test says of a container; the rest is filled in. */
export interface RecordPart {
  id?: string;
  name?: string;
  created?: string;
  imageId?: string;
  layers?: string[];
  command?: string[];
  config?: unknown;
  hostConfig?: unknown;
  mounts?: ContainerRecord['mounts'];
  state?: Partial<RecordedState>;
}

/** A container for tests. */
export function recordOf(part: RecordPart): ContainerRecord {
  const [path = 'sh', ...args] = part.command ?? [];
  return {
    id: 'c0ffee'.padEnd(64, '0'),
    name: 'web',
    created: '2026-11-25T07:00:00Z',
    imageId: 'sha256:1',
    layers: [],
    mounts: [],
    ...part,
    path,
    args,
    config: containerConfig(part.config, ''),
    hostConfig: hostConfig(part.hostConfig ?? { NetworkMode: 'default' }, ''),
    endpoints: { bridge: zero(endpointSettings) },
    state: { ...initialState(''), ...part.state },
  };
}
