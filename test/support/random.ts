/** Random numbers from 0 to 1, always the same ones for the same start (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What the environment asks a test of chance for: `DAVIT_TEST_KILLS`, `DAVIT_TEST_CYCLES`, `DAVIT_TEST_SEED`. */
export function wished(name: 'KILLS' | 'CYCLES' | 'SEED', usual: number): number {
  return Number(process.env[`DAVIT_TEST_${name}`] ?? usual);
}

/** The seed of a test: given, or another one each time, to be told with what fails. */
export const seed = wished('SEED', Date.now() % 1_000_000);
