import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { type Client, type ClientName, createClient, programs } from './client.ts';

/** One request as it was sent, without the version in its path. */
export interface RecordedRequest {
  request: string;
  query: Record<string, string>;
  auth?: string;
  body?: unknown;
}

interface Told {
  code: number;
  stdout: string;
  stderr: string;
  /** What would have changed something. */
  sent: RecordedRequest[];
}

/**
 * An engine that only writes down what it is asked for, and answers from a list: what two clients send can be held
 * against each other without any Swarm. Answers are found by `GET /path`; what is not among them is not found.
 */
export function useRecorder(ofManager: Record<string, unknown>, version = '1.51') {
  const answers: Record<string, unknown> = {
    'GET /version': { ApiVersion: version, GoVersion: 'go1' },
    ...ofManager,
  };
  const directory = mkdtempSync(`${tmpdir()}/davit-test-`);
  const recorded = new Map<string, RecordedRequest[]>();
  const server = createServer(async (request, answer) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname).replace(/^\/v1\.\d+/, '');
    const name = `${request.method} ${path}`;
    const body = request.headers['content-type'] === 'application/json' ? await json(request) : undefined;
    const auth = request.headers['x-registry-auth'];
    // Each run has a header of its own, so that many can go on at once.
    recorded.get(String(request.headers['x-run']))?.push({
      request: name,
      query: Object.fromEntries(url.searchParams),
      ...(typeof auth === 'string' ? { auth } : {}),
      ...(body === undefined ? {} : { body }),
    });
    answer.setHeader('Api-Version', version);
    if (path === '/_ping') return void answer.end('OK');
    const found = answers[name];
    answer.setHeader('Content-Type', 'application/json');
    if (found === undefined) answer.statusCode = 404;
    answer.end(JSON.stringify(found ?? { message: `nothing at ${path}` }));
  });
  const socket = `${directory}/engine.sock`;
  beforeAll(async () => {
    server.listen(socket);
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  });
  let runs = 0;

  /** Runs a client and tells what it said and sent. */
  async function tell(name: ClientName, args: readonly string[], cwd = directory): Promise<Told> {
    runs += 1;
    const run = `run-${runs}`;
    recorded.set(run, []);
    const home = `${directory}/${run}`;
    mkdirSync(`${home}/.docker`, { recursive: true });
    writeFileSync(`${home}/.docker/config.json`, JSON.stringify({ HttpHeaders: { 'x-run': run } }));
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      DOCKER_HOST: `unix://${socket}`,
    };
    const client: Client = createClient([programs[name]], { env, cwd });
    const { code, stdout, stderr } = await client(...args);
    const sent = (recorded.get(run) ?? []).filter(({ request }) => !/^(GET|HEAD) /.test(request));
    return { code, stdout, stderr, sent };
  }
  return { directory, tell };
}
