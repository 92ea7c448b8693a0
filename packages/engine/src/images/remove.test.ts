import { beforeEach, describe, expect, test } from 'vitest';
import { build, dockerArchive, two } from './archive.fixture.ts';
import { canUnpack, useImages } from './service.fixture.ts';

const { bench, bus, directories, events, list, load, remove } = useImages();

describe.skipIf(!canUnpack)('remove (needs root on Linux)', () => {
  let id: string;
  let short: string;
  beforeEach(async () => {
    const image = await build(...two);
    id = image.id;
    short = id.slice(7, 19);
    await load(await dockerArchive(image, ['a:1', 'b:1']));
    bench.told = [];
  });
  const use = (running: boolean) => bench.users.push({ id: '0123456789abcdef', running, imageId: id });

  test('takes names away, and the image with the last', async () => {
    expect(await remove('a:1')).toEqual([{ Untagged: 'a:1' }]);
    const done = await remove('b:1');
    expect(done.slice(0, 2)).toEqual([{ Untagged: 'b:1' }, { Deleted: id }]);
    expect(done).toHaveLength(4);
    expect(events()).toEqual([`untag ${id}`, `untag ${id}`, `delete ${id}`]);
    expect([directories('layers'), directories('frames'), bench.service.count()]).toEqual([[], [], 0]);
    await expect(remove('b:1')).rejects.toThrow('No such image: b:1');
  });

  test('by ID needs force when there are names in several repositories', async () => {
    await expect(remove(short)).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
    expect((await remove(short, true)).slice(0, 3)).toEqual([
      { Untagged: 'a:1' },
      { Untagged: 'b:1' },
      { Deleted: id },
    ]);
  });

  test('never deletes what a running container uses', async () => {
    use(true);
    expect(await remove('a:1')).toEqual([{ Untagged: 'a:1' }]);
    await expect(remove('b:1')).rejects.toThrow(
      `conflict: unable to remove repository reference "b:1" (must force) - container 0123456789ab is using its referenced image ${short}`,
    );
    for (const force of [false, true])
      await expect(remove(short, force)).rejects.toThrow(
        `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container 0123456789ab`,
      );
    expect(await remove('b:1', true)).toEqual([{ Untagged: 'b:1' }]);
    expect(list()).toMatchObject([{ Id: id, RepoTags: [] }]);
  });

  test('keeps the layers of what was removed by force until its last container is gone', async () => {
    use(false);
    await remove('a:1');
    await expect(remove(short)).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container 0123456789ab`,
    );
    expect(await remove(short, true)).toEqual([{ Untagged: 'b:1' }, { Deleted: id }]);
    expect(bench.service.count()).toBe(0);
    expect(() => bench.service.inspect(id)).toThrow(`No such image: ${id}`);
    expect(directories('layers')).toHaveLength(2);
    bench.users = [];
    bus.publish('container', 'destroy', '0123456789abcdef');
    await expect.poll(() => [...directories('layers'), ...directories('work')]).toEqual([]);
  });
});
