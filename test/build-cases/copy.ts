// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile
import { gzipSync } from 'node:zlib';
import { tar } from '../support/image.ts';
import { cases, files } from './case.ts';

const inner = await tar([
  { name: 'in', type: 'directory', mode: 0o711 },
  { name: 'in/f', content: 'in\n', uid: 7, gid: 8 },
  { name: 'in/l', type: 'symlink', linkname: 'f' },
]);
const archives = [
  ...files,
  { name: 'x.tar', content: inner },
  { name: 'x.tar.gz', content: gzipSync(inner) },
  { name: 'plain.gz', content: gzipSync('plain') },
];

/** COPY and ADD. */
export const copyCases = cases({
  'copy: file to a file': 'FROM busybox\nCOPY a.txt /x',
  'copy: file to a folder': 'FROM busybox\nCOPY a.txt /new/',
  'copy: file to a folder that is there': 'FROM busybox\nCOPY a.txt /tmp',
  'copy: file below new folders': 'FROM busybox\nCOPY a.txt /n/e/w',
  'copy: to the working directory': 'FROM busybox\nWORKDIR /w\nCOPY a.txt .\nCOPY b.txt ./\nCOPY c.md x/y',
  'copy: over a file': 'FROM busybox\nCOPY a.txt /x\nCOPY b.txt /x',
  'copy: mode is kept': 'FROM busybox\nCOPY b.txt run.sh /m/',
  'copy: folder to a new folder': 'FROM busybox\nCOPY dir /d',
  'copy: folder to a folder that is there':
    'FROM busybox\nRUN mkdir -m 711 /d; chown 5:6 /d; echo old > /d/old; echo old > /d/one\nCOPY dir /d/',
  'copy: folder with a slash': 'FROM busybox\nCOPY dir/ /d/',
  'copy: the whole context': 'FROM busybox\nCOPY . /all/',
  'copy: the whole context to the root of scratch': 'FROM scratch\nCOPY . /',
  'copy: several': 'FROM busybox\nCOPY a.txt b.txt dir /m/',
  'copy: json form': 'FROM busybox\nCOPY ["with space/f", "/to this/"]',
  'copy: json form, folder': 'FROM busybox\nCOPY ["with space", "/to"]',
  'copy: empty folder': 'FROM busybox\nCOPY empty /e/',
  'copy: wildcard': 'FROM busybox\nCOPY *.txt /w/',
  'copy: wildcard, one match': 'FROM busybox\nCOPY *.md /one',
  'copy: wildcard, single characters and sets': 'FROM busybox\nCOPY ?.txt [bc].* /w/',
  'copy: wildcard in a folder': 'FROM busybox\nCOPY dir/[ts][wu]* /w/',
  'copy: wildcard for a link that leads nowhere': [
    'FROM busybox\nCOPY dir/o* /w/',
    { error: /^COPY failed: .*stat dir\/out: file does not exist/ },
  ],
  'copy: wildcard for a folder': 'FROM busybox\nCOPY di* /w/',
  'copy: link to a file': 'FROM busybox\nCOPY link.txt /l',
  'copy: link to a folder': 'FROM busybox\nCOPY linkdir /l/',
  'copy: variables': 'FROM busybox\nENV F=a.txt D=/dest\nCOPY ${F} $D/\nARG G=b.txt\nCOPY $G $D/c',
  'copy: chown by number': 'FROM busybox\nCOPY --chown=12:34 a.txt dir /c/',
  'copy: chown by name': 'FROM busybox\nCOPY --chown=www-data:extra a.txt /c/',
  'copy: chown, user alone': 'FROM busybox\nCOPY --chown=www-data a.txt /c/a\nCOPY --chown=55 a.txt /c/b',
  'copy: chown of a folder': 'FROM busybox\nCOPY --chown=1:2 dir /c',
  'copy: chown of nobody': [
    'FROM busybox\nCOPY --chown=nosuch a.txt /',
    { error: /^unable to convert uid\/gid chown string to host mapping/ },
  ],
  'copy: user does not matter': 'FROM busybox\nUSER www-data\nCOPY a.txt /c/',
  'copy: through a link in the image': 'FROM busybox\nRUN mkdir /real; ln -s /real /link\nCOPY a.txt /link/',
  'copy: link that leads out of the image': 'FROM busybox\nRUN ln -s ../../../../tmp /out\nCOPY a.txt /out/',
  'copy: dots in the destination': 'FROM busybox\nCOPY a.txt /x/../y/./z',
  'copy: missing': [
    'FROM busybox\nCOPY nosuch /',
    {
      error:
        /^COPY failed: file not found in build context or excluded by \.dockerignore: stat nosuch: file does not exist/,
    },
  ],
  'copy: no match': [
    'FROM busybox\nCOPY nosuch* /',
    { error: /^COPY failed: no source files were specified/ },
  ],
  'copy: several to a file': [
    'FROM busybox\nCOPY a.txt b.txt /x',
    {
      error:
        /^When using COPY with more than one source file, the destination must be a directory and end with a \//,
    },
  ],
  'copy: out of the context': [
    'FROM busybox\nCOPY ../a.txt /',
    { error: /^COPY failed: forbidden path outside the build context: \.\.\/a\.txt \(\)/ },
  ],
  'copy: one argument': ['FROM busybox\nCOPY a.txt', { error: /COPY requires at least two arguments/ }],
  'copy: links in a folder stay links': [
    'FROM scratch\nCOPY dir /',
    { tree: { link: '-> one', out: '-> /etc/passwd' } },
  ],
  'copy: link out of the context': [
    'FROM busybox\nCOPY evil /',
    {
      files: [{ name: 'evil', type: 'symlink', linkname: '../../../../etc/hostname' }],
      error: /COPY failed/,
    },
  ],
  'copy: below a link out of the context': [
    'FROM busybox\nCOPY evil/hostname /x',
    { files: [{ name: 'evil', type: 'symlink', linkname: '/etc' }], error: /COPY failed/ },
  ],
  'copy: from a stage':
    'FROM busybox AS b\nRUN mkdir /o; echo x > /o/x; chown 5:6 /o/x; chmod 640 /o/x; ln -s x /o/l\nFROM busybox\nCOPY --from=b /o /p\nCOPY --from=b /o/x /q',
  'copy: from a stage by number': 'FROM busybox\nRUN echo x > /x\nFROM busybox\nCOPY --from=0 /x /y',
  'copy: from a stage, relative':
    'FROM busybox AS b\nWORKDIR /o\nRUN echo x > x\nFROM busybox\nCOPY --from=b o/x /y',
  'copy: from a stage with chown':
    'FROM busybox AS b\nRUN echo x > /x; chown 5:6 /x\nFROM busybox\nCOPY --from=b --chown=7:8 /x /y',
  'copy: from a stage, hard links':
    'FROM busybox AS b\nRUN mkdir /o; echo x > /o/x; ln /o/x /o/y\nFROM busybox\nCOPY --from=b /o /p',
  'copy: from a stage, link within it':
    'FROM busybox AS b\nRUN mkdir /o; echo x > /o/x; ln -s /o/x /l\nFROM busybox\nCOPY --from=b /l /y',
  'copy: from a stage, wildcard':
    'FROM busybox AS b\nRUN mkdir /o; touch /o/a1 /o/a2 /o/b\nFROM busybox\nCOPY --from=b /o/a* /p/',
  'copy: from a stage that removed something':
    'FROM busybox AS a\nRUN mkdir /o; touch /o/a /o/b\nFROM a AS b\nRUN rm /o/a\nFROM busybox\nCOPY --from=b /o /p',
  'copy: from an image': 'FROM busybox\nCOPY --from=busybox:latest /etc/passwd /p',
  'copy: from a stage, missing': [
    'FROM busybox AS b\nFROM busybox\nCOPY --from=b /nosuch /',
    { error: /^COPY failed: stat .*nosuch/ },
  ],
  'copy: nothing of mount points comes along':
    'FROM busybox AS b\nRUN true\nFROM scratch\nCOPY --from=b /etc /e',
  'dockerignore: files': [
    'FROM busybox\nCOPY . /all/',
    { files: [...files, { name: '.dockerignore', content: 'Dockerfile\n.dockerignore\n' }] },
  ],
  'dockerignore: a dockerfile that is left out still works': [
    'FROM scratch\nCOPY . /',
    {
      files: [
        { name: 'x', content: 'x' },
        { name: '.dockerignore', content: 'Dockerfile' },
      ],
    },
  ],
  'add: file': 'FROM busybox\nADD a.txt /x\nADD dir /d/',
  'add: tar': ['FROM busybox\nADD x.tar /t/', { files: archives }],
  'add: tar.gz': ['FROM busybox\nADD x.tar.gz /t', { files: archives }],
  'add: gzip that is no archive': ['FROM busybox\nADD plain.gz /t/', { files: archives }],
  'add: two archives': ['FROM busybox\nADD x.tar x.tar.gz /t/', { files: archives }],
  'copy: tar stays a tar': ['FROM busybox\nCOPY x.tar /t/', { files: archives }],
  'add: an archive that is not to be unpacked': [
    'FROM scratch\nADD --unpack=false x.tar /t/',
    { files: archives, own: true },
  ],
  'copy: chmod': [
    'FROM busybox\nCOPY --chmod=0640 a.txt /x\nRUN stat -c %a /x > /m',
    { own: true, tree: { m: '640\n' } },
  ],
  'copy: chmod with a variable': [
    'FROM busybox\nARG M=711\nCOPY --chmod=$M a.txt /x\nRUN stat -c %a /x > /m',
    { own: true, tree: { m: '711\n' } },
  ],
  'copy: chmod that is none': [
    'FROM busybox\nCOPY --chmod=999 a.txt /x',
    { own: true, error: /invalid chmod parameter: '999'/ },
  ],
  'copy: link': [
    'FROM busybox\nCOPY --link a.txt /x/y',
    { own: true, tree: { 'x/y': 'a\n', 'bin/sh': '-> busybox' } },
  ],
  'copy: exclude': [
    'FROM scratch\nCOPY --exclude=*.md --exclude=dir/sub . /',
    { own: true, tree: { 'a.txt': 'a\n', 'c.md': null, 'dir/one': '1\n', 'dir/sub': null } },
  ],
  'copy: exclude in a folder': [
    'FROM scratch\nCOPY --exclude=one dir /d',
    { own: true, tree: { 'd/one': null, 'd/two': '2\n' } },
  ],
  'copy: parents': [
    'FROM scratch\nCOPY --parents dir/one dir/sub/three /p/',
    { own: true, tree: { 'p/dir/one': '1\n', 'p/dir/sub/three': '3\n', 'p/dir/two': null } },
  ],
  'copy: parents with a pivot': [
    'FROM scratch\nCOPY --parents ./dir/./sub/three /p/',
    { own: true, tree: { 'p/sub/three': '3\n', 'p/dir': null } },
  ],
  'copy: heredoc': [
    'FROM scratch\nENV A=1\nCOPY <<f.txt /\nx $A\nf.txt',
    { own: true, tree: { 'f.txt': 'x 1\n' } },
  ],
  'copy: heredoc, quoted': [
    'FROM scratch\nENV A=1\nCOPY <<"EOF" /f\nx $A\nEOF',
    { own: true, tree: { f: 'x $A\n' } },
  ],
  'copy: two heredocs': [
    'FROM scratch\nCOPY <<one <<two /d/\n1\none\n2\ntwo',
    { own: true, tree: { 'd/one': '1\n', 'd/two': '2\n' } },
  ],
  'copy: heredoc beside a file': [
    'FROM scratch\nCOPY a.txt <<one /d/\n1\none',
    { own: true, tree: { 'd/one': '1\n', 'd/a.txt': 'a\n' } },
  ],
});
