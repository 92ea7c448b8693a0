/**
 * Records what the real docker client makes of the templates in templates.json and list-templates.json on the objects
 * in objects.json:
 *
 *     node src/format/template/testdata/record.ts [DOCKER]
 *
 * It needs no engine: one that answers with the objects is made here. The results are recorded.json and
 * list-recorded.json.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listCommands, objectCommands } from './commands.ts';
import { serveObjects } from './engine.ts';

const docker = process.argv[2] ?? 'docker';
const here = import.meta.dirname;
const read = (name: string): unknown => JSON.parse(readFileSync(join(here, name), 'utf8'));

const directory = mkdtempSync(join(tmpdir(), 'davit-record-'));
const socket = join(directory, 'engine.sock');
const close = await serveObjects(read('objects.json') as Record<string, unknown>, socket);

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

/** Records the templates of one file into another. What tells of the socket's place is written as SOCKET. */
async function record(from: string, to: string, commands: typeof listCommands): Promise<void> {
  const recorded: object[] = [];
  for (const [group, list] of Object.entries(read(from) as Record<string, string[]>)) {
    const command = commands[group];
    if (!command) throw new Error(`no command for ${group}`);
    for (const template of list) {
      const { code, stdout, stderr } = await run(command(template));
      recorded.push({ group, template, code, stdout: stdout.replaceAll(socket, 'SOCKET'), stderr });
    }
  }
  writeFileSync(join(here, to), `${JSON.stringify(recorded, null, 2)}\n`);
  process.stdout.write(`${recorded.length} templates recorded\n`);
}

await record('templates.json', 'recorded.json', objectCommands);
await record('list-templates.json', 'list-recorded.json', listCommands);
close();
rmSync(directory, { recursive: true });
