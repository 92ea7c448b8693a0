import { expect, test } from 'vitest';
import { createLayerPacker } from './layerpack.ts';
import { createLayerTranslator } from './layertar.ts';
import { inChunks, listTar, makeTar, recordOf } from './tar.fixture.ts';

async function layerOf(entries: Parameters<typeof makeTar>[0], chunk = 64 * 1024): Promise<Buffer> {
  const packer = createLayerPacker();
  const pieces: Buffer[] = [];
  for await (const bytes of inChunks(await makeTar(entries), chunk)) {
    packer.push(bytes);
    pieces.push(...packer.take());
  }
  packer.end();
  return Buffer.concat([...pieces, ...packer.take()]);
}

const whiteout = (name: string) =>
  ({ name, type: 'character-device', devmajor: 0, devminor: 0, mode: 0 }) as const;

test.each([64 * 1024, 100])('what overlayfs removed becomes whiteouts, in chunks of %i', async (chunk) => {
  const long = `${'long/'.repeat(40)}gone`;
  const layer = await layerOf(
    [
      { name: 'etc/', type: 'directory' },
      { name: 'etc/kept', content: 'content' },
      whiteout('etc/gone'),
      whiteout('top'),
      whiteout(long),
      { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
    ],
    chunk,
  );
  expect(listTar(layer).map(({ name, type, content }) => [name, type, content])).toEqual([
    ['etc/', '5', ''],
    ['etc/kept', '0', 'content'],
    ['etc/.wh.gone', '0', ''],
    ['.wh.top', '0', ''],
    [`${'long/'.repeat(40)}.wh.gone`, '0', ''],
    ['dev/null', '3', ''],
  ]);
});

test('a directory that hides what is below it gets a mark, and loses what only overlayfs understands', async () => {
  const layer = await layerOf([
    {
      name: 'etc/',
      type: 'directory',
      mode: 0o751,
      pax: {
        'SCHILY.xattr.trusted.overlay.opaque': 'y',
        'SCHILY.xattr.trusted.overlay.origin': 'x',
        'SCHILY.xattr.user.mine': 'kept',
      },
    },
    { name: 'etc/new', content: 'x' },
  ]);
  const [directory, mark, file] = listTar(layer);
  expect(directory?.name).toBe('etc/');
  expect(recordOf(directory?.records ?? [], 'SCHILY.xattr.user.mine')).toBe('kept');
  expect(directory?.records.some(([key]) => key.includes('overlay'))).toBe(false);
  expect(mark?.name).toBe('etc/.wh..wh..opq');
  expect(file?.name).toBe('etc/new');
});

test('the layer unpacks to what it was made of', async () => {
  const layer = await layerOf([
    { name: 'a/', type: 'directory' },
    whiteout('a/gone'),
    { name: 'f', content: '1' },
  ]);
  const translator = createLayerTranslator();
  translator.push(layer);
  translator.end();
  const back = listTar(Buffer.concat(translator.takeTar()));
  expect(back.map(({ name, type }) => [name, type])).toEqual([
    ['a/', '5'],
    ['a/gone', '3'],
    ['f', '0'],
  ]);
});
