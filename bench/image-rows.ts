import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { busyboxLayer, dockerArchive, tar } from '../test/support/image.ts';
import type { Row } from './row.ts';
import type { Tool } from './tool.ts';

const line = 'a line of text, of which there are many in the files of a distribution.';

/**
 * A root file system of 120 MB in 3000 files, of text and of bytes that cannot be packed; or the tar that
 * DAVIT_BENCH_ROOT names: that of a distribution as debootstrap makes it, say.
 */
async function bigLayer(): Promise<Buffer> {
  const { DAVIT_BENCH_ROOT: given } = process.env;
  if (given) return readFileSync(given);
  let seed = 1;
  const files = Array.from({ length: 3000 }, (_, index) => {
    const content = Buffer.alloc(40_000, `${line}${index}\n`);
    for (let at = 0; at < content.length; at += 8) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      if (seed & 0x40000000) content.writeUInt32LE(seed, at);
    }
    return { name: `usr/share/big/${index % 50}/${index}`, content };
  });
  return tar(files);
}

let archive: Promise<Buffer> | undefined;
let packedRoot: Promise<Buffer> | undefined;

async function bigArchive(): Promise<Buffer> {
  return dockerArchive([{ tags: ['big:latest'], layers: [await busyboxLayer(), await bigLayer()] }]);
}

async function load(tool: Tool): Promise<number> {
  archive ??= bigArchive();
  return tool.time(['load'], await archive);
}

const remove = (tool: Tool) => tool.time(['rmi', '-f', 'big']);

/** Loads the image anew, so that nothing of an earlier push is remembered, and pushes it. */
async function push(tool: Tool): Promise<number> {
  await load(tool);
  const name = `${await tool.emptyRegistry()}/big`;
  await tool.time(['tag', 'big', name]);
  const seconds = await tool.time(['push', ...tool.insecure, name]);
  await tool.time(['rmi', '-f', 'big', name]);
  return seconds;
}

/** What images are made of and where they come from. */
export const imageRows: readonly Row[] = [
  {
    ...{ key: 'load', title: 'load a 120 MB image', aim: 0.4, mostRounds: 3 },
    async measure(tool) {
      const seconds = await load(tool);
      await remove(tool);
      return seconds;
    },
  },
  {
    ...{ key: 'save', title: 'save it', aim: 0.7, mostRounds: 5 },
    prepare: load,
    measure: (tool) => tool.time(['save', 'big']),
    cleanUp: remove,
  },
  {
    ...{ key: 'push', title: 'push it to an empty registry', aim: 0.3, mostRounds: 3 },
    measure: push,
  },
  {
    ...{ key: 'pull', title: 'pull it', aim: 0.4, mostRounds: 3 },
    prepare: push,
    async measure(tool) {
      const name = '127.0.0.1:5000/big';
      const seconds = await tool.time(['pull', ...tool.insecure, name]);
      await tool.time(['rmi', '-f', name]);
      return seconds;
    },
  },
  {
    ...{ key: 'import', title: 'import its files, packed', aim: 0.3, mostRounds: 3 },
    async measure(tool) {
      packedRoot ??= bigLayer().then((layer) => gzipSync(layer, { level: 1 }));
      const seconds = await tool.time(['import', '-', 'big:root'], await packedRoot);
      await tool.time(['rmi', 'big:root']);
      return seconds;
    },
  },
  {
    ...{ key: 'export', title: 'export them', aim: 0.7, mostRounds: 5 },
    async prepare(tool) {
      await load(tool);
      await tool.time(['create', '--name', 'export', 'big']);
    },
    measure: (tool) => tool.time(['export', 'export']),
    async cleanUp(tool) {
      await tool.time(['rm', 'export']);
      await remove(tool);
    },
  },
  {
    ...{
      key: 'memory-image',
      title: 'most memory of the engine so far',
      aim: 0.7,
      unit: 'MB',
      mostRounds: 1,
    },
    measure: async (tool) => tool.peak(),
  },
];
