/**
 * Records what the real docker client makes of the templates in templates.json on the objects in objects.json:
 *
 *     node src/format/template/testdata/record.ts [DOCKER]
 *
 * It needs no engine: one that answers with the objects is made here. The result is recorded.json.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const docker = process.argv[2] ?? 'docker';
const here = import.meta.dirname;
const read = (name: string): unknown => JSON.parse(readFileSync(join(here, name), 'utf8'));
const objects = read('objects.json') as Record<string, unknown>;
const templates = read('templates.json') as Record<string, string[]>;

/** The command line that shows the objects of each group by a template. */
const commands: Record<string, (template: string) => string[]> = {
  container: (template) => ['container', 'inspect', '--format', template, 'web'],
  image: (template) => ['image', 'inspect', '--format', template, 'shop/web:1.0'],
  network: (template) => ['network', 'inspect', '--format', template, 'shop'],
  volume: (template) => ['volume', 'inspect', '--format', template, 'shop-data'],
  ps: (template) => ['ps', '--all', '--format', template],
  images: (template) => ['images', '--format', template],
};

const directory = mkdtempSync(join(tmpdir(), 'davit-record-'));
const socket = join(directory, 'engine.sock');
const engine = createServer((request, response) => {
  const path = (request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
  response.setHeader('Api-Version', '1.50').setHeader('Content-Type', 'application/json');
  if (path === '/_ping') response.end('OK');
  else if (Object.hasOwn(objects, path)) response.end(JSON.stringify(objects[path]));
  else response.writeHead(404).end(JSON.stringify({ message: `no such object: ${path}` }));
});
await new Promise<void>((resolve) => engine.listen(socket, resolve));

function run(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const environment = { PATH: process.env.PATH, HOME: directory, TZ: 'UTC', DOCKER_HOST: `unix://${socket}` };
  const child = spawn(docker, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const recorded: object[] = [];
for (const [group, list] of Object.entries(templates)) {
  const command = commands[group];
  if (!command) throw new Error(`no command for ${group}`);
  for (const template of list) recorded.push({ group, template, ...(await run(command(template))) });
}
writeFileSync(join(here, 'recorded.json'), `${JSON.stringify(recorded, null, 2)}\n`);
engine.close();
rmSync(directory, { recursive: true });
process.stdout.write(`${recorded.length} templates recorded\n`);
