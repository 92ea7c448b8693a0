import { expect, test } from 'vitest';
import { parseVersion } from '../runtime/components.ts';
import { parseOsRelease } from './host.ts';
import { registryConfig } from './registries.ts';

test('an operating system describes itself', () => {
  const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n';
  expect(parseOsRelease(debian)).toEqual({ name: 'Debian GNU/Linux 12 (bookworm)', version: '12' });
  expect(parseOsRelease("PRETTY_NAME='A \\$1'\nVERSION_ID=3.20\n")).toEqual({
    name: 'A $1',
    version: '3.20',
  });
  expect(parseOsRelease('')).toEqual({ name: 'Linux', version: '' });
});

test.each([
  ['conmon version 2.1.6\ncommit: unknown\n', { version: '2.1.6', commit: '' }],
  [
    'crun version 1.8.1\ncommit: f8a096be060b22ccd3d5f3ebe44108517fbf6c30\nrundir: /run/crun\n',
    { version: '1.8.1', commit: 'f8a096be060b22ccd3d5f3ebe44108517fbf6c30' },
  ],
  [
    'runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\n',
    { version: '1.1.5+ds1', commit: '1.1.5+ds1-1+deb12u1' },
  ],
  ['tini version 0.19.0\n', { version: '0.19.0', commit: '' }],
  ['tini version 0.19.0 - git.de40ad0\n', { version: '0.19.0', commit: 'de40ad0' }],
  ['', { version: '', commit: '' }],
])('%j', (output, parsed) => {
  expect(parseVersion(output)).toEqual(parsed);
});

test('registries are told apart from networks of them', () => {
  expect(registryConfig(['https://m/'], ['10.0.0.0/8', 'r.example:5000', '10.1.1.1:5000'])).toEqual({
    IndexConfigs: {
      'r.example:5000': { Name: 'r.example:5000', Mirrors: [], Secure: false, Official: false },
      '10.1.1.1:5000': { Name: '10.1.1.1:5000', Mirrors: [], Secure: false, Official: false },
      'docker.io': { Name: 'docker.io', Mirrors: ['https://m/'], Secure: true, Official: true },
    },
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8', '10.0.0.0/8'],
    Mirrors: ['https://m/'],
  });
});
