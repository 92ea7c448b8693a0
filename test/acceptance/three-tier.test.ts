import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Result, run, start } from '../support/command.ts';
import { useEngine } from '../support/use-engine.ts';
import { waitFor } from '../support/wait.ts';
import { commands, composeFile, image, writeApplication } from './application.ts';
import { debianRoot } from './debian.ts';

const { davit, engine } = await useEngine();
const folder = `${engine.directory}/application`;

/** What the application answers, asked on a published port of the host; an empty text for none. */
async function get(port: number, path: string): Promise<string> {
  const url = `http://127.0.0.1:${port}/${path}`;
  const [program = '', ...args] = engine.network.enter(['curl', '-sf', '--max-time', '5', url]);
  return (await run(program, args)).stdout.trim();
}

const answers = (port: number, path: string, text: RegExp) =>
  waitFor(
    async () => {
      const answer = await get(port, path);
      return text.test(answer) && answer;
    },
    `${text} from /${path}`,
    60_000,
  );

/** Starts to read numbers that come slowly through all three tiers' front. */
function count(port: number, to: number) {
  const url = `http://127.0.0.1:${port}/count/${to}`;
  const [program = '', ...args] = engine.network.enter(['curl', '-sfN', '--max-time', '120', url]);
  return start(program, args, { timeout: 120_000 });
}

beforeAll(async () => {
  writeApplication(folder);
  await davit
    .with({ timeout: 300_000 })
    .ok('import', await debianRoot('three-tier', ['postgresql', 'python3-psycopg2', 'nginx-light']), image);
}, 1_200_000);

describe('an application of three tiers', () => {
  const shop = ['--network', 'shop', '-v', `${folder}:/application:ro`];
  const serveDatabase = () =>
    davit.ok(
      'run',
      '-d',
      '--name',
      'db',
      ...shop,
      '-v',
      'orders:/var/lib/postgresql/data',
      image,
      ...commands.db,
    );

  it('finds itself by names, and outlives the engine with its connections open', async () => {
    await davit.ok('network', 'create', 'shop');
    // The last one first: nobody depends on an order.
    await davit.ok('run', '-d', '--name', 'web', '-p', '8080:80', ...shop, image, ...commands.web);
    await davit.ok('run', '-d', '--name', 'app', ...shop, image, ...commands.app);
    await serveDatabase();
    await answers(8080, 'order/apples', /^apples$/);
    const backend = await answers(8080, 'backend', /^\d+$/);
    const counting = count(8080, 100);
    await counting.prints('5\n');
    await engine.crash();
    // Nobody is there to answer for names, but what is connected stays so, and the published port leads on.
    const seen = counting.stdout().length;
    await waitFor(() => counting.stdout().length > seen + 20, 'more numbers without the engine');
    await engine.start();
    await answers(8080, 'order/pears', /^pears$/);
    // The database serves the application by the same process as before: the connection never broke.
    expect(await get(8080, 'backend')).toBe(backend);
    const { code, stdout } = await counting.done;
    expect(code).toBe(0);
    expect(stdout).toBe(Array.from({ length: 100 }, (_, number) => `${number}\n`).join(''));
  }, 180_000);

  it('keeps its data on a volume when the database is another container', async () => {
    const before = await davit.ok('inspect', '-f', '{{.Id}}', 'db');
    await davit.ok('stop', '-s', 'INT', 'db');
    await davit.ok('rm', 'db');
    await serveDatabase();
    expect(await davit.ok('inspect', '-f', '{{.Id}}', 'db')).not.toBe(before);
    expect(await answers(8080, '', /apples/)).toBe('apples\npears');
    await davit.ok('rm', '-f', 'web', 'app', 'db');
    await davit.ok('network', 'rm', 'shop');
    await davit.ok('volume', 'rm', 'orders');
  }, 120_000);
});

describe('the same application in docker-compose', () => {
  it('comes up, is scaled, and goes down with its data', async () => {
    writeFileSync(`${folder}/docker-compose.yml`, composeFile(folder));
    const env = { PATH: process.env.PATH, HOME: engine.directory, DOCKER_HOST: engine.host };
    const flags = ['-p', 'shop', '-f', `${folder}/docker-compose.yml`, '--ansi', 'never'];
    const compose = (...args: string[]): Promise<Result> =>
      run('docker-compose', [...flags, ...args], { env, timeout: 120_000 });
    const ok = async (...args: string[]) => {
      const { code, stdout, stderr } = await compose(...args);
      expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
      return stdout;
    };
    try {
      await ok('up', '-d');
      expect((await ok('ps')).match(/ Up /g)).toHaveLength(3);
      await answers(8081, 'order/nuts', /^nuts$/);
      expect(await ok('logs', 'db')).toContain('ready to accept connections');
      expect(await ok('logs', 'app')).toContain('GET /order/nuts');
      expect(await ok('exec', '-T', 'db', 'psql', '-U', 'postgres', '-Atc', 'SELECT name FROM orders')).toBe(
        'nuts\n',
      );
      await ok('up', '-d', '--scale', 'app=3');
      expect((await ok('ps', '-q', 'app')).trim().split('\n')).toHaveLength(3);
      const hosts = new Set<string>();
      await waitFor(async () => hosts.add(await get(8081, 'host')).size >= 3, 'answers of all three', 60_000);
      await ok('stop', 'db');
      await ok('start', 'db');
      await answers(8081, '', /^nuts$/);
      await ok('down', '-v');
      expect(await davit.ok('ps', '-aq')).toBe('');
      expect(await davit.ok('volume', 'ls', '-q')).toBe('');
      expect(await davit.ok('network', 'ls', '-q', '-f', 'type=custom')).toBe('');
    } finally {
      await compose('down', '-v', '-t', '0');
    }
  }, 300_000);
});
