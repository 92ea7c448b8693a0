import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';
import { busyboxLayer, dockerArchive, type ImageRecipe, imageId, tar } from './support/image.ts';
import { randomFrom, seed, wished } from './support/random.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';
import { useEngine } from './support/use-engine.ts';

const { davit, engine } = await useEngine({ engine: 'davitd', client: 'davit' });

/** How often the engine is killed; the same seed kills it at the same moments. */
const kills = wished('KILLS', 3);
const timeout = 60_000 + kills * 10_000;

function randomBytesFrom(random: () => number, size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += 4) content.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return content;
}

async function checkStore(...args: string[]) {
  const roots = ['--data-root', engine.dataRoot, '--exec-root', engine.execRoot];
  return run(`${root}/bin/davitd`, ['--check-store', ...args, ...roots]);
}

async function largeImage(name: string): Promise<ImageRecipe> {
  const layer = (from: number) =>
    tar(
      Array.from({ length: 300 }, (_, index) => ({
        name: `files/${from + index}`,
        content: Buffer.alloc(20_000, `${name} ${from + index} `),
      })),
    );
  return { tags: [name], layers: [await busyboxLayer(), await layer(0), await layer(1000)] };
}

const name = '127.0.0.1:5000/large:1';
let registry: TestRegistry | undefined;
afterAll(() => registry?.stop());

describe('davitd --check-store', () => {
  it('is refused while the engine is at work', async () => {
    const { code, stderr } = await checkStore();
    expect([code, stderr]).toEqual([1, expect.stringContaining('is another davitd using it?')]);
  });

  it('finds what was changed on the disk, and repairs it from what was downloaded', async () => {
    registry = await startRegistry({
      ...{ network: engine.network, directory: `${engine.directory}/registry`, port: 5000 },
    });
    const image = await largeImage(name);
    await davit.with({ input: await dockerArchive([image]) }).ok('load', '-q');
    await davit.ok('push', name);
    await davit.ok('rmi', name);
    await davit.ok('pull', name);
    await engine.stop();
    expect(await checkStore()).toMatchObject({ code: 0, stdout: expect.stringMatching(/: all is well\n$/) });

    const layers = `${engine.dataRoot}/overlay/layers`;
    const touched = readdirSync(layers).find((name) => readdirSync(`${layers}/${name}`).includes('files'));
    const [file = ''] = readdirSync(`${layers}/${touched}/files`);
    writeFileSync(`${layers}/${touched}/files/${file}`, Buffer.alloc(20_000, '!'));
    const blobs = `${engine.dataRoot}/blobs/sha256`;
    writeFileSync(`${blobs}/${'0'.repeat(64)}`, 'nobody knows me');
    const found = await checkStore();
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/^nothing refers to 0{64}$/m);
    expect(found.stdout).toMatch(/^layer sha256:\w+ is not what it was/m);
    expect((await checkStore('--repair')).stdout).toMatch(/: unpacked again$/m);
    expect((await checkStore()).code).toBe(0);

    // Without the files and without the download there is only the registry left.
    for (const name of readdirSync(blobs)) appendFileSync(`${blobs}/${name}`, 'x');
    writeFileSync(`${layers}/${touched}/files/${file}`, Buffer.alloc(20_000, '!'));
    expect((await checkStore('--repair')).stdout).toMatch(/: removed with [0-9a-f]{12}$/m);
    expect((await checkStore()).code).toBe(0);
    await engine.start();
    await davit.ok('pull', name);
    expect(await davit.ok('images', '-q', '--no-trunc', name)).toBe(imageId(image));
  });

  it('is what an engine does by itself with layers that a power cut has left in part', async () => {
    await engine.stop();
    const layers = `${engine.dataRoot}/overlay/layers`;
    const cut = readdirSync(layers).find((name) => readdirSync(`${layers}/${name}`).includes('files')) ?? '';
    const [file = ''] = readdirSync(`${layers}/${cut}/files`);
    writeFileSync(`${layers}/${cut}/files/${file}`, '');
    // As if the machine had gone down before the layer reached the disk.
    writeFileSync(`${engine.dataRoot}/overlay/fresh/${cut}`, 'another boot');
    await engine.start();
    expect(engine.log()).toMatch(/layer sha256:\w+ is not what it was.*unpacked again/);
    expect(await davit.ok('run', '--rm', name, 'cat', `/files/${file}`)).toContain(file);
    await engine.stop();
    expect((await checkStore()).code).toBe(0);
    await engine.start();
  });

  it(
    `is content after ${kills} kills of the engine (DAVIT_TEST_SEED=${seed})`,
    async () => {
      const random = randomFrom(seed);
      const archive = await dockerArchive([await largeImage('loaded:1')]);
      const unpacked = await tar([{ name: 'large', content: Buffer.alloc(20_000_000, 'imported ') }]);
      const fresh = '127.0.0.1:5000/fresh';
      let imports = 0;
      /** An image with a layer that no registry has and that nobody has compressed yet. */
      const importAnew = async () => {
        imports += 1;
        const content = randomBytesFrom(random, 5_000_000);
        const archive = await tar([{ name: `fresh-${imports}`, content }]);
        await davit.with({ input: archive }).ok('import', '-', fresh);
      };
      const actions: [string, () => Promise<unknown>][] = [
        ['pull', () => davit('pull', name)],
        ['load', () => davit.with({ input: archive })('load')],
        ['rmi', () => davit('rmi', '-f', name)],
        ['prune', () => davit('image', 'prune', '-af')],
        ['push', () => davit('push', fresh)],
        ['import', () => davit.with({ input: unpacked })('import', '-', 'imported')],
      ];
      for (let round = 0; round < kills; round++) {
        const [what, act] = actions[Math.floor(random() * actions.length)] ?? ['', async () => undefined];
        if (what === 'pull' || what === 'load') await davit('rmi', '-f', name, 'loaded:1');
        else if (what === 'import') await davit('rmi', '-f', 'imported');
        else if (what === 'push') await importAnew();
        else await davit.ok('pull', '-q', name);
        const acting = act();
        await pause(random() * 500);
        await engine.crash();
        await acting;
        await engine.start();
        await engine.stop();
        const { code, stdout, stderr } = await checkStore();
        await engine.start();
        expect(code, `${what} in round ${round}, seed ${seed}:\n${stdout}${stderr}`).toBe(0);
        await davit.ok('pull', '-q', name);
        expect(await davit.ok('run', '--rm', name, 'cat', '/files/1007')).toContain('1007');
        if (what === 'push') await davit.ok('push', '-q', fresh);
      }
    },
    timeout,
  );
});
