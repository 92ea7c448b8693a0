import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configDirectory, readConfigFile } from './file.ts';

const directory = mkdtempSync(join(tmpdir(), 'davit-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function read(content: string) {
  writeFileSync(join(directory, 'config.json'), content);
  const warnings: string[] = [];
  return { config: readConfigFile(directory, (message) => warnings.push(message)), warnings };
}

describe('readConfigFile', () => {
  it('reads what davit uses and leaves the rest', () => {
    const { config, warnings } = read(
      JSON.stringify({
        currentContext: 'box',
        detachKeys: 'ctrl-x',
        psFormat: '{{.Names}}',
        HttpHeaders: { 'X-Meta': 'a', bad: 3 },
        proxies: { default: { httpProxy: 'http://p:1' } },
        auths: {},
      }),
    );
    expect(config).toMatchObject({ directory, currentContext: 'box', detachKeys: 'ctrl-x' });
    expect(config.httpHeaders).toEqual({ 'X-Meta': 'a' });
    expect(config.proxies).toEqual({ default: { httpProxy: 'http://p:1' } });
    expect([config.format('psFormat'), config.format('imagesFormat')]).toEqual(['{{.Names}}', '']);
    expect(warnings).toEqual([]);
  });

  it('warns of a file that is broken, and goes on', () => {
    const { config, warnings } = read('{bad');
    expect(config.currentContext).toBe('');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^WARNING: Error parsing config file \(.*config\.json\): /);
  });

  it('takes values of the wrong kind for none', () => {
    expect(read('{"currentContext":3,"proxies":[],"HttpHeaders":null}').config).toMatchObject({
      currentContext: '',
      proxies: {},
      httpHeaders: {},
    });
  });

  it('says nothing of a file that is not there', () => {
    const warnings: string[] = [];
    readConfigFile('/nosuch', (message) => warnings.push(message));
    expect(warnings).toEqual([]);
  });
});

describe('configDirectory', () => {
  it.each([
    ['/flag', { DOCKER_CONFIG: '/env', HOME: '/home' }, '/flag'],
    [undefined, { DOCKER_CONFIG: '/env', HOME: '/home' }, '/env'],
    [undefined, { HOME: '/home' }, '/home/.docker'],
  ])('with %s and %j', (flag, environment, directory) => {
    expect(configDirectory(flag, environment)).toBe(directory);
  });
});
