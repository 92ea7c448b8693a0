import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFilterCache } from './filters.ts';
import type { OciSpec } from './oci.ts';

const key = 'run.oci.seccomp_bpf_data';
const spec = (defaultAction: string, annotations?: Record<string, string>) =>
  ({ linux: { seccomp: { defaultAction } }, ...(annotations && { annotations }) }) as unknown as OciSpec;

describe('createFilterCache', () => {
  let state: string;
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), 'davit-filters-'));
    writeFileSync(join(state, 'seccomp.bpf'), 'filter');
  });
  afterAll(() => rmSync(state, { recursive: true }));

  it('supplies what it has learnt to containers with the same rules', async () => {
    const cache = createFilterCache();
    expect(cache.supply('first', spec('ERRNO'))).toEqual(spec('ERRNO'));
    await cache.learn('first', state);
    const filter = Buffer.from('filter').toString('base64');
    expect(cache.supply('second', spec('ERRNO', { mine: '1' })).annotations).toEqual({
      mine: '1',
      [key]: filter,
    });
    expect(cache.supply('third', spec('KILL')).annotations).toBeUndefined();
  });

  it('learns nothing of a container that was not made', async () => {
    const cache = createFilterCache();
    cache.supply('first', spec('ERRNO'));
    await cache.learn('first', join(state, 'missing'));
    expect(cache.supply('second', spec('ERRNO')).annotations).toBeUndefined();
  });

  it('leaves a filter of the user alone, and a container without rules', async () => {
    const cache = createFilterCache();
    cache.supply('first', spec('ERRNO'));
    await cache.learn('first', state);
    expect(cache.supply('second', spec('ERRNO', { [key]: 'mine' })).annotations).toEqual({ [key]: 'mine' });
    const unconfined = { linux: {} } as unknown as OciSpec;
    expect(cache.supply('third', unconfined)).toBe(unconfined);
  });

  it('keeps the last ones only', async () => {
    const cache = createFilterCache();
    for (let at = 0; at < 20; at++) {
      cache.supply(`c${at}`, spec(`A${at}`));
      await cache.learn(`c${at}`, state);
    }
    expect(cache.supply('old', spec('A3')).annotations).toBeUndefined();
    expect(cache.supply('new', spec('A19')).annotations).toBeDefined();
  });
});
