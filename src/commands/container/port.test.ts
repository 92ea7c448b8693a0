import { describe, expect, it } from 'vitest';
import { readPort } from './port.ts';

describe('readPort', () => {
  it.each([
    ['80', '80/tcp'],
    ['80/', '80/tcp'],
    ['53/udp', '53/udp'],
    ['0', '0/tcp'],
  ])('%s is %s', (text, port) => {
    expect(readPort(text)).toBe(port);
  });

  it.each([
    ['abc', 'Error: invalid port (abc): strconv.ParseUint: parsing "abc": invalid syntax'],
    ['99999', 'Error: invalid port (99999): strconv.ParseUint: parsing "99999": value out of range'],
    ['/tcp', 'Error: invalid port (): strconv.ParseUint: parsing "": invalid syntax'],
  ])('refuses %s', (text, message) => {
    expect(() => readPort(text)).toThrow(message);
  });
});
