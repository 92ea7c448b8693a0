import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { run } from './support/command.ts';
import { root } from './support/engine.ts';
import { useEngine } from './support/use-engine.ts';

const { engine } = await useEngine();
const directory = mkdtempSync(`${tmpdir()}/davit-test-library-`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A program of somebody else's, which has davit among its packages. */
const program = `
import { ApiError, type ContainerInspect, connect, createFrameDecoder, routes } from 'davit';

const engine = connect(process.argv[2] ? { host: process.argv[2] } : {});
const { Id } = await engine.call(routes.containerCreate, {
  query: { name: 'library' },
  body: { Image: 'busybox', Cmd: ['echo', 'from the library'], Tty: true },
});
await engine.call(routes.containerStart, { path: { name: Id } });
let ended = -1;
for await (const { StatusCode } of await engine.call(routes.containerWait, { path: { name: Id } })) ended = StatusCode;
const info: ContainerInspect = await engine.call(routes.containerInspect, { path: { name: Id } });
const logs = await engine.call(routes.containerLogs, { path: { name: Id }, query: { stdout: true } });
let text = '';
for await (const chunk of logs.stream) text += String(chunk).trim();
await engine.call(routes.containerRemove, { path: { name: Id } });
const gone = await engine.call(routes.containerInspect, { path: { name: Id } }).catch((error: unknown) => error);
const status = gone instanceof ApiError ? gone.status : 0;
console.log(JSON.stringify([info.Name, ended, text, status, typeof createFrameDecoder]));
await engine.close();
`;

it('is a typed client of any engine', async () => {
  const modules = `${directory}/node_modules`;
  mkdirSync(`${modules}/davit`, { recursive: true });
  for (const name of ['package.json', 'dist']) symlinkSync(`${root}/${name}`, `${modules}/davit/${name}`);
  writeFileSync(`${directory}/program.ts`, program);
  writeFileSync(`${directory}/package.json`, '{"type":"module"}');
  const env = { PATH: process.env.PATH, HOME: directory };
  const byHost = await run(process.execPath, ['program.ts', engine.host], { cwd: directory, env });
  const wanted = ['/library', 0, 'from the library', 404, 'function'];
  expect(byHost.stderr).toBe('');
  expect(JSON.parse(byHost.stdout)).toEqual(wanted);
  const found = { cwd: directory, env: { ...env, DOCKER_HOST: engine.host } };
  expect(JSON.parse((await run(process.execPath, ['program.ts'], found)).stdout)).toEqual(wanted);
});

it('has types for those who install it', async () => {
  const made = await run(process.execPath, [`${root}/scripts/types.mjs`, `${directory}/types`]);
  expect(made).toEqual({ code: 0, stdout: '', stderr: '' });
  const options = {
    ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] },
    ...{
      typeRoots: [`${root}/node_modules/@types`],
      paths: { davit: [`${directory}/types/src/index.d.ts`] },
    },
  };
  writeFileSync(`${directory}/program.ts`, program);
  const config = { compilerOptions: options, files: ['program.ts'] };
  writeFileSync(`${directory}/tsconfig.json`, JSON.stringify(config));
  const compiler = `${root}/node_modules/typescript/bin/tsc`;
  const right = await run(process.execPath, [compiler, '-p', directory]);
  expect(right.stdout).toBe('');
  writeFileSync(`${directory}/program.ts`, program.replace('info.Name', 'info.Nmae'));
  const wrong = await run(process.execPath, [compiler, '-p', directory]);
  expect(wrong.stdout).toContain("Property 'Nmae' does not exist on type 'ContainerInspect'");
});
