import { describe, expect, test } from 'vitest';
import { createLayerTranslator } from './layertar.ts';
import { listTar, makeTar, recordOf } from './tar.fixture.ts';

const opaque = 'SCHILY.xattr.trusted.overlay.opaque';

function translate(archive: Buffer, chunk = archive.length) {
  const translator = createLayerTranslator();
  const tar: Buffer[] = [];
  const frame: Buffer[] = [];
  for (let at = 0; at < archive.length; at += chunk) {
    translator.push(archive.subarray(at, at + chunk));
    tar.push(...translator.takeTar());
    frame.push(...translator.takeFrame());
  }
  translator.end();
  tar.push(...translator.takeTar());
  return { tar: Buffer.concat(tar), frame: Buffer.concat(frame), pieces: tar.length, size: translator.size };
}

async function translated(entries: Parameters<typeof makeTar>[0]) {
  return listTar(translate(await makeTar(entries)).tar);
}

describe('createLayerTranslator', () => {
  test('passes plain entries as they are, in as few pieces as there are chunks', async () => {
    const archive = await makeTar([
      { name: 'etc', type: 'directory', mode: 0o750, uid: 3 },
      ...Array.from({ length: 200 }, (_, at) => ({ name: `etc/${at}`, content: `file ${at}` })),
      { name: 'etc/link', type: 'symlink' as const, linkname: '/somewhere/else' },
    ]);
    const { tar, pieces, size } = translate(archive, 64 * 1024);
    expect(tar.equals(archive)).toBe(true);
    expect(pieces).toBeLessThanOrEqual(archive.length / (64 * 1024) + 2);
    const files = Array.from({ length: 200 }, (_, at) => `file ${at}`.length).reduce((a, b) => a + b);
    expect(size).toBe(files + '/somewhere/else'.length);
  });

  test('gives the same for every way in which the archive is cut into chunks', async () => {
    const archive = await makeTar([
      { name: 'd', type: 'directory' },
      { name: `d/${'long'.repeat(60)}`, content: 'x'.repeat(1300) },
      { name: 'd/.wh..wh..opq' },
      { name: 'd/.wh.gone' },
      { name: 'f', content: Buffer.alloc(512, 'y') },
    ]);
    const whole = translate(archive);
    for (const chunk of [1, 7, 511, 512, 513, 1000]) {
      const cut = translate(archive, chunk);
      expect(cut.tar.equals(whole.tar)).toBe(true);
      expect(cut.frame.equals(whole.frame)).toBe(true);
    }
  });

  test('makes a whiteout a character device 0/0', async () => {
    const found = await translated([{ name: 'a/.wh.b', uid: 7 }, { name: '.wh.top' }]);
    expect(found.map(({ name, type }) => [name, type])).toEqual([
      ['a/b', '3'],
      ['./top', '3'],
    ]);
  });

  test.each(['.wh.', 'a/.wh..', 'a/.wh...'])('refuses the whiteout %s', async (name) => {
    await expect(translated([{ name }])).rejects.toThrow('is no whiteout');
  });

  test('makes a directory opaque with the attributes that it had', async () => {
    const found = await translated([
      { name: 'a', type: 'directory', mode: 0o700, pax: { 'SCHILY.xattr.user.note': 'kept' } },
      { name: 'a/file' },
      { name: 'a/.wh..wh..opq' },
    ]);
    const again = found.findLast(({ type }) => type === '5');
    expect(again?.name).toBe('./a');
    expect(recordOf(again?.records ?? [], opaque)).toBe('y');
    expect(recordOf(again?.records ?? [], 'SCHILY.xattr.user.note')).toBe('kept');
  });

  test('makes a directory opaque that comes after its mark', async () => {
    const found = await translated([{ name: 'a/.wh..wh..opq' }, { name: './a/', type: 'directory' }]);
    expect(found.map(({ type, records }) => [type, recordOf(records, opaque)])).toEqual([
      ['5', 'y'],
      ['5', 'y'],
    ]);
  });

  test('keeps what is there and is taken away: only what lies below other layers goes', async () => {
    const found = await translated([
      { name: 'a/file', content: 'new' },
      { name: 'a/.wh.file' },
      { name: 'b/.wh.file' },
      { name: 'b/file', content: 'new' },
      { name: 'c/.wh.folder' },
      { name: 'c/folder/inside', content: 'new' },
      { name: 'd/folder/inside', content: 'new' },
      { name: 'd/.wh.folder' },
    ]);
    const told = found.map(({ name, type, records }) => [name, type, recordOf(records, opaque)]);
    expect(told).toEqual([
      ['a/file', '0', undefined],
      ['b/file', '3', undefined],
      ['b/file', '0', undefined],
      ['c/folder', '3', undefined],
      ['./c/folder', '5', 'y'],
      ['c/folder/inside', '0', undefined],
      ['d/folder/inside', '0', undefined],
      ['./d/folder', '5', 'y'],
    ]);
  });

  test('refuses a name that is there twice, and what lies below something else than a folder', async () => {
    const folder = { name: 'a', type: 'directory' as const };
    const link = { name: 'a', type: 'symlink' as const, linkname: 'b' };
    await expect(translated([folder, folder, { name: 'a/b' }])).resolves.toHaveLength(3);
    await expect(translated([{ name: 'a' }, { name: './a' }])).rejects.toThrow('"a" is there twice');
    await expect(translated([link, folder])).rejects.toThrow('"a" is there twice');
    await expect(translated([{ name: 'a/b' }, link])).rejects.toThrow('"a" is there twice');
    await expect(translated([link, { name: 'a/b/c' }])).rejects.toThrow(
      '"a/b/c" lies below "a", which is no directory',
    );
  });

  test('takes out what only the engine may tell overlayfs', async () => {
    const forged = {
      'SCHILY.xattr.trusted.overlay.redirect': '/etc',
      'SCHILY.xattr.user.overlay.opaque': 'y',
    };
    const found = await translated([
      { name: 'd', type: 'directory', pax: { ...forged, 'SCHILY.xattr.user.fine': '1', comment: 'x' } },
      { name: 'zero', type: 'character-device', devmajor: 0, devminor: 0 },
      { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
      { name: '.wh..wh.plnk/7.9', content: 'aufs' },
    ]);
    expect(found.map(({ name }) => name)).toEqual(['d', 'null']);
    expect(found[0]?.records).toEqual([['SCHILY.xattr.user.fine', '1']]);
  });

  test('writes absolute names and names with ".." anew, and refuses those that lead out', async () => {
    const found = await translated([
      { name: '/etc/passwd', content: 'x' },
      { name: 'a/../b', content: 'y' },
      { name: 'hard', type: 'link', linkname: '/etc/passwd' },
    ]);
    expect(found.map(({ name, linkname }) => [name, linkname])).toEqual([
      ['./etc/passwd', ''],
      ['./b', ''],
      ['hard', 'etc/passwd'],
    ]);
    await expect(translated([{ name: '../out' }])).rejects.toThrow('leads out');
    await expect(translated([{ name: 'a/../../out' }])).rejects.toThrow('leads out');
    await expect(translated([{ name: 'a', type: 'link', linkname: '../out' }])).rejects.toThrow('leads out');
    await expect(translated([{ name: 'a/.wh..wh..opq/../../../x' }])).rejects.toThrow('leads out');
  });

  test('keeps names of any length and any bytes', async () => {
    const long = `${'ä'.repeat(90)}/${'n'.repeat(200)}`;
    const found = await translated([{ name: long, content: 'z' }]);
    expect(Buffer.from(found[0]?.name ?? '', 'latin1').toString()).toBe(long);
    expect(found[0]?.content).toBe('z');
  });

  test('refuses an archive that is cut short or damaged', async () => {
    const archive = await makeTar([{ name: 'a', content: 'x'.repeat(5000) }]);
    for (const length of [100, 512, 3000, 512 + 5000])
      expect(() => translate(archive.subarray(0, length))).toThrow('cut short');
    const damaged = Buffer.from(archive);
    damaged[3] = 0x41;
    expect(() => translate(damaged)).toThrow('wrong checksum');
  });

  test('keeps all but the contents of plain files in the frame', async () => {
    const archive = await makeTar([
      { name: 'plain', content: 'x'.repeat(100_000) },
      { name: '.wh..wh.plnk/9', content: 'aufs content' },
    ]);
    const { frame } = translate(archive);
    expect(frame.length).toBe(archive.length - 100_000);
    expect(frame.includes('aufs content')).toBe(true);
  });
});
