import { describe, expect, it } from 'vitest';
import { containerCreateBody } from './container.ts';
import { integer, list, map, object, optional, ShapeError, string, words, zero } from './shape.ts';

describe('shapes', () => {
  it('give Go’s zero values for what is missing or null', () => {
    const shape = object({ Name: string, Size: integer, Items: list(string), Pointer: optional(integer) });
    const expected = { Name: '', Size: 0, Items: null, Pointer: null };
    expect(shape({}, '')).toEqual(expected);
    expect(shape({ Name: null, Size: null }, '')).toEqual(expected);
    expect(zero(shape)).toEqual(expected);
  });

  it('leave unknown keys out', () => {
    expect(object({ A: string })({ A: 'a', B: 'b' }, '')).toEqual({ A: 'a' });
  });

  it('take keys in any case', () => {
    const shape = object({ HostConfig: object({ CpuShares: integer }), Image: string });
    const body = JSON.parse('{"image":"busybox","hostconfig":{"CPUSHARES":5},"__proto__":{"Image":"x"}}');
    expect(shape(body, '')).toEqual({ Image: 'busybox', HostConfig: { CpuShares: 5 } });
  });

  it('read a command given as one string', () => {
    expect(words('sh', '')).toEqual(['sh']);
    expect(words(['sh', '-c'], '')).toEqual(['sh', '-c']);
  });

  it('cannot be used to change a prototype', () => {
    const decoded = map(string)(JSON.parse('{"__proto__":"x"}'), '');
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.keys(decoded ?? {})).toEqual(['__proto__']);
  });

  it.each([
    [{ Cmd: [1] }, 'Cmd[0]'],
    [{ Tty: 'yes' }, 'Tty'],
    [{ HostConfig: { Memory: 1.5 } }, 'HostConfig.Memory'],
    [{ HostConfig: [] }, 'HostConfig'],
    [{ ExposedPorts: ['80/tcp'] }, 'ExposedPorts'],
  ])('refuse %j and name the field', (body, field) => {
    expect(() => containerCreateBody(body, '')).toThrow(ShapeError);
    expect(() => containerCreateBody(body, '')).toThrow(`field ${field} `);
  });
});
