import { describe, expect, it } from 'vitest';
import { compareNaturally, readPort } from './port.ts';

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

describe('compareNaturally', () => {
  it('counts', () => {
    const lines = [
      '443/tcp -> [::]:9001',
      '80/tcp -> [::]:9000',
      '80/tcp -> 127.0.0.1:9005',
      '80/tcp -> 0.0.0.0:9000',
    ];
    expect(lines.sort(compareNaturally)).toEqual([
      '80/tcp -> 0.0.0.0:9000',
      '80/tcp -> 127.0.0.1:9005',
      '80/tcp -> [::]:9000',
      '443/tcp -> [::]:9001',
    ]);
  });
});
