import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { differences } from './support/original.ts';

const compared = ['user-network', 'network', 'dns', 'volumes', 'mounts', 'propagation', 'df'];

it('the list of differences from the original is complete, and nothing in it is of the past', () => {
  const sources = compared.map((name) => readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8'));
  for (const source of sources) expect(source).not.toContain('againstOriginal');
  const used = new Set(
    sources.flatMap((source) => [...source.matchAll(/\bdiffers\('([^']*)'\)/g)].map(([, what]) => what)),
  );
  expect([...used].sort()).toEqual(Object.keys(differences).sort());
});
