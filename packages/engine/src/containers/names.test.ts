import { expect, test } from 'vitest';
import { checkName, checkNewName, inventName, newId } from './names.ts';

test('invented names are valid, of two words, and free', () => {
  const asked: string[] = [];
  const name = inventName((candidate) => asked.push(candidate) < 3);
  expect(asked).toHaveLength(3);
  expect(name).toMatch(/^[a-z]+_[a-z]+$/);
  expect(checkName(name)).toBe(name);
});

test('when all is taken, a number is added', () => {
  let left = 20;
  expect(inventName(() => left-- > 0)).toMatch(/^[a-z]+_[a-z]+\d+$/);
});

test.each(['a', '-ab', 'a b', 'a/b', '', '/', 'ä1'])('%j is refused as a name', (name) => {
  expect(() => checkName(name)).toThrow(
    `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
  );
});

test('a leading slash is not part of the name', () => {
  expect(checkName('/web-1.x')).toBe('web-1.x');
});

test('IDs are 64 hex digits', () => {
  expect(newId()).toMatch(/^[0-9a-f]{64}$/);
  expect(newId()).not.toBe(newId());
});

test('says of a new name that it is one', () => {
  expect(checkNewName('/web')).toBe('web');
  expect(() => checkNewName('not a name')).toThrow(
    'error when allocating new name: Invalid container name (/not a name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
  );
});
