import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from './dispatch.ts';
import { listCommands } from './format/template/testdata/commands.ts';
import { serveObjects } from './format/template/testdata/engine.ts';
import { createInput, createOutput } from './terminal/streams.ts';

/** What the docker client made of templates on fixed objects: see testdata/record.ts. */
interface Recorded {
  group: string;
  template: string;
  code: number;
  stdout: string;
  stderr: string;
}

const testdata = join(import.meta.dirname, 'format/template/testdata');
const read = <T>(name: string) => JSON.parse(readFileSync(join(testdata, name), 'utf8')) as T;
const recorded = read<Recorded[]>('list-recorded.json');
const directory = mkdtempSync(join(tmpdir(), 'davit-recorded-'));
const socket = join(directory, 'engine.sock');
let close: () => void;

beforeAll(async () => {
  // The fixture was recorded in this zone.
  process.env.TZ = 'UTC';
  close = await serveObjects(read<Record<string, unknown>>('objects.json'), socket);
});
afterAll(() => {
  close();
  rmSync(directory, { recursive: true });
});

/** Runs davit in this process, against the engine that holds the objects. */
async function davit(args: string[]): Promise<Omit<Recorded, 'group' | 'template'>> {
  const texts = { out: '', err: '' };
  const output = (name: 'out' | 'err') => {
    const stream = new PassThrough().setEncoding('utf8');
    stream.on('data', (text: string) => (texts[name] += text));
    return createOutput(stream, {});
  };
  const [out, err] = [output('out'), output('err')];
  const code = await runCommandLine(args, {
    program: 'docker',
    streams: { in: createInput(() => new PassThrough()), out, err },
    environment: { HOME: directory, DOCKER_HOST: `unix://${socket}` },
    interruption: () => new AbortController().signal,
  });
  await Promise.all([out.flushed(), err.flushed()]);
  return { code, stdout: texts.out.replaceAll(socket, 'SOCKET'), stderr: texts.err };
}

describe.each(Object.keys(listCommands))('templates of %s', (group) => {
  const cases = recorded.filter((one) => one.group === group);
  it.each(cases)('$template', async ({ template, code, stdout, stderr }) => {
    expect(await davit(listCommands[group]?.(template) ?? [])).toEqual({ code, stdout, stderr });
  });
});
