import { type Background, type CommandOptions, type Result, run, start } from './command.ts';
import { type Engine, root } from './engine.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** A command line client that talks to one engine. Calling it runs it to its end, whatever its exit code. */
export interface Client {
  (...args: string[]): Promise<Result>;
  /** Runs it, fails unless it exits 0, and returns its standard output without the last newline. */
  ok(...args: string[]): Promise<string>;
  start(...args: string[]): Background;
  terminal(...args: string[]): Terminal;
  /** The same client with other options, for instance something on its standard input. */
  with(options: CommandOptions): Client;
  readonly env: NodeJS.ProcessEnv;
  readonly argv: string[];
}

/** What is typed to run a client. */
export const programs = { davit: `${root}/bin/davit`, docker: 'docker' };
export type ClientName = keyof typeof programs;

/** Where the program of a client is. Throws when there is none. */
export async function programPath(name: ClientName): Promise<string> {
  const { code, stdout } = await run('which', [programs[name]]);
  if (code !== 0) throw new Error(`${name} is not installed`);
  return stdout.trim();
}

/** The environment of a client: nothing of the machine's own docker configuration reaches it. */
export function clientEnvironment(engine: Engine): NodeJS.ProcessEnv {
  const home = `${engine.directory}/home`;
  return {
    PATH: process.env.PATH,
    HOME: home,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    DOCKER_HOST: engine.host,
  };
}

export function createClient(argv: string[], options: CommandOptions & { env: NodeJS.ProcessEnv }): Client {
  const [program = '', ...first] = argv;
  const call = (...args: string[]) => run(program, [...first, ...args], options);
  return Object.assign(call, {
    async ok(...args: string[]) {
      const { code, stdout, stderr } = await call(...args);
      if (code !== 0) throw new Error(`${args.join(' ')} exited ${code}\n${stdout}${stderr}`);
      return stdout.replace(/\n$/, '');
    },
    start: (...args: string[]) => start(program, [...first, ...args], options),
    terminal: (...args: string[]) => openTerminal(program, [...first, ...args], { env: options.env }),
    with: (more: CommandOptions) =>
      createClient(argv, { ...options, ...more, env: { ...options.env, ...more.env } }),
    env: options.env,
    argv,
  });
}

export function clientFor(name: ClientName, engine: Engine): Client {
  return createClient([programs[name]], { env: clientEnvironment(engine) });
}
