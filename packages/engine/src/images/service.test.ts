import { describe, expect, test } from 'vitest';
import { makeTar } from '../storage/tar.fixture.ts';
import { build, dockerArchive, sha256, two } from './archive.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const { bench, importTar, list, load } = useImages();

describe.skipIf(!canUnpack)('createImageService (needs root on Linux)', () => {
  test('finds images by every kind of name, and says what is missing in docker words', async () => {
    const image = await build(...two);
    await load(await dockerArchive(image, ['a:1', '127.0.0.1:5000/x/y:z']));
    const hex = image.id.slice(7);
    for (const name of [
      'a:1',
      'docker.io/library/a:1',
      '127.0.0.1:5000/x/y:z',
      hex,
      image.id,
      hex.slice(0, 3),
      image.id.slice(0, 15),
    ])
      expect(bench.service.inspect(name).Id).toBe(image.id);
    const absent = sha256('absent');
    for (const [name, shown] of [
      ['a', 'a:latest'],
      ['a:2', 'a:2'],
      ['127.0.0.1:5000/x/y', '127.0.0.1:5000/x/y:latest'],
      [absent, `sha256:${absent}`],
    ] as const)
      expect(() => bench.service.resolve(name)).toThrow(
        expect.objectContaining({ kind: 'notFound', message: `No such image: ${shown}` }),
      );
    expect(() => bench.service.resolve('a b')).toThrow('invalid reference format');
  });

  test('lists by filters', async () => {
    await load(await dockerArchive(await build(...two), ['a:1', 'a:2', 'user/b:1']));
    const other = await importTar(await makeTar([{ name: 'x' }]), { changes: ['LABEL tier=other'] });
    const tags = (filters: Record<string, string[]>) =>
      list(filters).map(({ RepoTags }) => RepoTags.join(' '));
    expect(tags({})).toEqual(['', 'a:1 a:2 user/b:1']);
    expect(tags({ reference: ['a'] })).toEqual(['a:1 a:2']);
    expect(tags({ reference: ['*:1'] })).toEqual(['a:1']);
    expect(tags({ reference: ['*/*:1', 'a:2'] })).toEqual(['a:2 user/b:1']);
    expect(tags({ label: ['tier'] })).toHaveLength(2);
    expect(tags({ label: ['tier=other'] })).toEqual(['']);
    expect(tags({ dangling: ['false'] })).toHaveLength(1);
    expect(tags({ before: [other] })).toEqual(['a:1 a:2 user/b:1']);
    expect(tags({ since: ['a:1'] })).toEqual(['']);
    expect(tags({ until: ['2026-01-03'] })).toEqual(['a:1 a:2 user/b:1']);
    expect(() => list({ nope: ['x'] })).toThrow("invalid filter 'nope'");
    expect(() => list({ dangling: ['maybe'] })).toThrow("invalid filter 'dangling=[maybe]'");
    expect(() => list({ since: ['nosuch'] })).toThrow('No such image: nosuch:latest');
  });
});
