import { readFileSync } from 'node:fs';
import { busyboxLayer, type Entry, type ImageRecipe, tar } from './image.ts';

const time = (seconds: number) => new Date(1e12 + seconds * 1000);
const directory = (name: string, more: Partial<Entry> = {}): Entry => ({
  ...{ name, type: 'directory', mtime: time(1) },
  ...more,
});

/** `security.capability` of a program that may open raw sockets: `cap_net_raw=ep`. */
const rawSockets = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');

/**
 * An image of several layers, in which there is something of everything: owners (also large ones), setuid and sticky
 * modes, times, extended attributes and file capabilities, hard and symbolic links, devices and pipes, long names and
 * names of other alphabets, whiteouts, opaque folders, and files that take the place of folders. Its lowest layer is
 * busybox, or the tar that DAVIT_TEST_BASE names: that of a whole distribution, say.
 */
export async function richImage(name: string): Promise<ImageRecipe> {
  const data = directory('data', { mode: 0o2750, uid: 12, gid: 34 });
  const owned = { uid: 1000, gid: 2000, mode: 0o4755, mtime: time(2) };
  const deep = Array.from({ length: 30 }, (_, depth) => directory(`data/${'long/'.repeat(depth + 1)}`));
  const files = await tar([
    data,
    { name: 'data/file', content: `content of ${name}`, ...owned },
    { name: 'data/hard', type: 'link', linkname: 'data/file', ...owned },
    { name: 'data/a-third', type: 'link', linkname: 'data/file', ...owned },
    { name: 'data/soft', type: 'symlink', linkname: 'file', uid: 7, gid: 8, mode: 0o777, mtime: time(3) },
    { name: 'data/dangling', type: 'symlink', linkname: '/no/such/../file', mode: 0o777, mtime: time(3) },
    { name: 'data/hard-soft', type: 'link', linkname: 'data/dangling', mode: 0o777, mtime: time(3) },
    ...deep,
    { name: `data/${'long/'.repeat(30)}name`, content: 'x' },
    { name: `data/${'n'.repeat(200)}`, content: 'y' },
    { name: 'data/large', content: Buffer.alloc(3_000_000, name) },
    { name: 'data/ünïcode 文字', content: '' },
    { name: 'data/null', type: 'character-device', devmajor: 1, devminor: 3, mode: 0o666, mtime: time(4) },
    { name: 'data/disk', type: 'block-device', devmajor: 7, devminor: 300, mode: 0o660, gid: 6 },
    { name: 'data/pipe', type: 'fifo', mode: 0o620, uid: 5 },
    { name: 'data/secret', content: 's', mode: 0o004, pax: { uid: '3000000', gid: '4000000' } },
    { name: 'data/old', content: 'o', mtime: new Date(0) },
    { name: 'data/ping', content: 'p', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': rawSockets } },
    { name: 'data/tagged', content: 't', pax: { 'SCHILY.xattr.user.note': 'of mine' } },
    directory('data/marked', { pax: { 'SCHILY.xattr.user.colour': 'red' } }),
    directory('data/was-folder'),
    { name: 'data/was-folder/gone', content: 'g' },
    { name: 'data/was-file', content: 'w' },
    directory('data/emptied', { mode: 0o711 }),
    { name: 'data/emptied/gone', content: 'g' },
    directory('data/shared', { mode: 0o1777, uid: 99 }),
  ]);
  const upper = await tar([
    data,
    { name: 'data/.wh.soft' },
    { name: 'data/.wh.pipe' },
    { name: 'data/.wh.was-folder' },
    { name: 'data/was-folder', content: 'a file now' },
    directory('data/was-file', { uid: 1 }),
    { name: 'data/was-file/inside', content: 'i' },
    directory('data/emptied', { mode: 0o700 }),
    { name: 'data/emptied/.wh..wh..opq' },
    { name: 'data/emptied/new', content: 'n', ...owned },
    { name: 'data/emptied/newer', type: 'link', linkname: 'data/emptied/new', ...owned },
    { name: 'data/large', content: 'small now', uid: 42, mtime: time(9) },
    directory('home'),
    { name: 'home/.wh..wh..opq' },
    { name: 'home/new', content: 'n' },
  ]);
  const { DAVIT_TEST_BASE: base } = process.env;
  const lowest = base ? readFileSync(base) : await busyboxLayer();
  return { tags: [name], layers: [lowest, files, upper], config: { Labels: { name } } };
}
