import { describe, expect, it } from 'vitest';
import { createSpares } from './spares.ts';

function surroundings({ fails = false } = {}) {
  const done: string[] = [];
  const note = (what: string) => async (name: string) => void done.push(`${what} ${name}`);
  const spares = createSpares({
    size: 1,
    sandboxes: {
      prefix: 'p-',
      path: (name) => `/run/netns/${name}`,
      make: note('make'),
      remove: note('remove'),
    },
    names: {
      prepare: async (path) => {
        done.push(`prepare ${path}`);
        if (fails) throw new Error('no nft here');
      },
      discard: (path) => void done.push(`discard ${path}`),
    },
  });
  return { spares, done };
}

describe('namespaces made ahead', () => {
  it('have a name server, and belong to whoever takes them', async () => {
    const { spares, done } = surroundings();
    const name = await spares.take();
    expect(name).toMatch(/^p-[0-9a-f]{12}$/);
    await spares.empty();
    expect(done.slice(0, 2)).toEqual([`make ${name}`, `prepare /run/netns/${name}`]);
    expect(done).not.toContain(`remove ${name}`);
    // What was made after it and nobody took is taken away.
    const made = done.flatMap((line) => (line.startsWith('make ') ? [line.slice(5)] : []));
    const left = made.filter((one) => one !== name && !done.includes(`remove ${one}`));
    expect(left).toEqual([]);
  });

  it('are taken away when they cannot be answered', async () => {
    const { spares, done } = surroundings({ fails: true });
    await expect(spares.take()).rejects.toThrow('no nft here');
    await spares.empty();
    const [made = ''] = done.flatMap((line) => (line.startsWith('make ') ? [line.slice(5)] : []));
    expect(done).toContain(`discard /run/netns/${made}`);
    expect(done).toContain(`remove ${made}`);
  });
});
