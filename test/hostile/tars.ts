import { type Entry, tar } from '../support/image.ts';

/** Archives that no honest program writes: each as a layer, and what the engine says of it. */
export interface HostileTar {
  what: string;
  archive(): Promise<Buffer>;
  says: RegExp;
}

const evil = (what: string, says: RegExp, ...entries: Entry[]): HostileTar => ({
  ...{ what, says },
  archive: () => tar(entries),
});

/** Changes the header of the first entry, and makes its checksum right again. */
async function edited(entries: Entry[], change: (header: Buffer) => void): Promise<Buffer> {
  const archive = await tar(entries);
  const header = archive.subarray(0, 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return archive;
}

const file: Entry = { name: 'etc/passwd', content: 'root::0:0::/:/bin/sh\n' };
const link = (name: string, linkname: string, type: 'link' | 'symlink' = 'symlink'): Entry => ({
  ...{ name, linkname, type },
});

export const hostileTars: HostileTar[] = [
  evil('climbs out of the root', /"\.\.\/\.\.\/etc\/passwd" leads out/, {
    ...file,
    name: '../../etc/passwd',
  }),
  evil('climbs out by a detour', /leads out of the directory/, { ...file, name: 'a/b/../../../etc/passwd' }),
  evil(
    'writes through an absolute link',
    /"out\/passwd" lies below "out", which is no directory/,
    link('out', '/etc'),
    { ...file, name: 'out/passwd' },
  ),
  evil(
    'writes through a link that climbs',
    /"a\/out\/passwd" lies below "a\/out"/,
    { name: 'a', type: 'directory' },
    link('a/out', '../../../../etc'),
    { ...file, name: 'a/out/passwd' },
  ),
  evil('gives a file of the host another name', /leads out/, link('mine', '../../../etc/passwd', 'link')),
  evil(
    'gives a file another name that is not there',
    /cannot unpack the layer/,
    link('mine', '/etc/shadow', 'link'),
  ),
  evil('takes away what is outside', /leads out/, { name: '../.wh.etc' }),
  evil('takes away its own root', /is no whiteout/, { name: '.wh..' }),
  evil('takes away the folder above', /is no whiteout/, { name: 'a/.wh...' }),
  evil('takes away nothing', /is no whiteout/, { name: 'a/.wh.' }),
  evil('has a name twice', /"etc\/passwd" is there twice/, file, { ...file, content: 'again' }),
  evil('has a name twice, written differently', /is there twice/, file, { ...file, name: './/etc/./passwd' }),
  evil('has a folder that was a file', /is there twice/, { name: 'a' }, { name: 'a', type: 'directory' }),
  evil('has a file in a file', /lies below "a", which is no directory/, { name: 'a' }, { name: 'a/b' }),
  evil('has a link for its root', /its root is no directory/, link('.', '/etc')),
  evil('has a name with a NUL byte', /NUL byte/, { ...file, pax: { path: 'etc/passwd\0.txt' } }),
  evil('has a header without end', /header is too large|headers of an entry are too large/, {
    ...file,
    pax: { comment: 'x'.repeat(2 * 1024 * 1024) },
  }),
  evil('names a size that is none', /a size is not a number/, { ...file, pax: { size: '-1' } }),
  {
    what: 'is text',
    says: /invalid tar archive/,
    archive: async () => Buffer.from('not a tar '.repeat(200)),
  },
  { what: 'is cut short', says: /cut short/, archive: async () => (await tar([file])).subarray(0, 520) },
  {
    what: 'promises two gigabytes',
    says: /no space left on device for a layer of at least 2147483648 bytes/,
    archive: () => edited([file], (header) => header.write('20000000000\0', 124, 'latin1')),
  },
  {
    what: 'has a negative size',
    says: /out of range/,
    archive: () => edited([file], (header) => header.fill(0xff, 124, 136)),
  },
  {
    what: 'has entries of a kind that nobody knows',
    says: /unhandled tar header type/,
    archive: () => edited([file], (header) => header.write('Z', 156, 'latin1')),
  },
  {
    what: 'has a wrong checksum',
    says: /wrong checksum/,
    async archive() {
      const archive = await tar([file]);
      archive[0] = 0x21;
      return archive;
    },
  },
];
