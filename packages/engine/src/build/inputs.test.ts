import { buildInputsBody } from '@davit/api';
import { expect, test } from 'vitest';
import { createInputs, type InputsDependencies } from './inputs.ts';

const images: Partial<InputsDependencies['images']> = {
  holdLayers: () => ({ held: () => undefined, done: () => Promise.resolve() }),
};

test.each([
  [{ Type: 'registry', Ref: 'registry.example/App:cache', Mode: 'max' }, 'must be lowercase'],
  [{ Type: 'registry', Ref: 'registry.example/app:cache', Mode: 'most' }, 'invalid cache mode "most"'],
  [{ Type: 'gha', Ref: '', Mode: '' }, 'steps cannot go to type gha'],
])('steps do not go to %j, which is told before the build', async (target, words) => {
  const inputs = createInputs({
    ...{ dataRoot: '/nowhere', execRoot: '/nowhere' },
    images: images as InputsDependencies['images'],
  });
  const given = buildInputsBody({ CacheTo: [target] }, '');
  await expect(inputs.open(given, new AbortController().signal)).rejects.toThrow(words);
});
