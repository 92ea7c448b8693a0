import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { ProgramFailed, ProgramMissing, run } from '../process.ts';

/**
 * A program that reads commands and is kept running between them: starting a program costs more than nearly all
 * that the engine asks of `ip` and `nft`, and stalls the engine while it forks.
 */
export interface Interpreter {
  /**
   * Runs commands in order and resolves when the last one is done. Rejects with what the program complained
   * about, as ProgramFailed; the commands after the one that failed have run all the same.
   */
  send(...commands: string[]): Promise<void>;
  /** Lets the program end, after what was sent. The next command starts it again. */
  close(): Promise<void>;
}

/** The program itself went away, or never came up, and with it the answer. */
export class InterpreterEnded extends ProgramFailed {
  override name = 'InterpreterEnded';
}

export interface InterpreterOptions {
  program: string;
  args: string[];
  cwd: string;
  /**
   * Neither program says when it is done, but both complain on standard error, in order: a command that is none
   * follows every request, and the complaint about it ends the answer.
   */
  mark(number: number): { command: string; complaint: RegExp };
  /** Drops what is no complaint of its own. */
  clean(complaints: string): string;
  /** Arguments to run it once with, where it reads commands to their end. */
  once: string[];
  /** Milliseconds after which no answer is expected any more. */
  patience?: number;
}

interface Request {
  complaint: RegExp;
  resolve(): void;
  reject(error: Error): void;
}

/** Both programs remember names and lines for ever: they are replaced after so many requests. */
const mostRequests = 1000;
/** An engine that has nothing to do keeps no helpers. */
const idleAfter = 60_000;
/** A machine may be busy, but not for ever: then the program says something else than what is waited for. */
const usualPatience = 20_000;

export function createInterpreter(options: InterpreterOptions): Interpreter {
  const { program } = options;
  let running: { child: ChildProcessWithoutNullStreams; requests: Request[]; ended: Promise<void> } | null =
    null;
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  /** It did not answer once: another version, perhaps, which is run for each request from then on. */
  let isMute = false;

  /** Runs the program for one request alone. */
  async function sendOnce(commands: string[]): Promise<void> {
    const env = { ...process.env, LC_ALL: 'C', HOME: '/dev/null' };
    if (commands.length === 0) return;
    await run(program, options.once, { cwd: options.cwd, env, input: `${commands.join('\n')}\n` });
  }

  function launch(): NonNullable<typeof running> {
    const child = spawn(program, options.args, {
      cwd: options.cwd,
      // In a session of its own: a Ctrl-C in the engine's terminal is not for it. nft writes a history at home.
      detached: true,
      env: { ...process.env, LC_ALL: 'C', HOME: '/dev/null' },
    });
    const requests: Request[] = [];
    let answer = '';
    let failure: Error | null = null;
    child.stdout.resume();
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      for (let next = requests[0]; next; next = requests[0]) {
        const match = next.complaint.exec(answer);
        if (!match) return;
        const complaints = options.clean(answer.slice(0, match.index));
        answer = answer.slice(match.index + match[0].length);
        requests.shift();
        if (complaints === '') next.resolve();
        else next.reject(new ProgramFailed(program, 'refused', complaints));
      }
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure = error.code === 'ENOENT' ? new ProgramMissing(program) : error;
    });
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        if (running?.child === child) running = null;
        const error = failure ?? new InterpreterEnded(program, 'ended before it answered', answer.trim());
        for (const request of requests.splice(0)) request.reject(error);
        resolve();
      });
    });
    return { child, requests, ended };
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const retired = running;
    running = null;
    retired?.child.stdin.end();
    await retired?.ended;
  }

  return {
    send(...commands) {
      if (commands.some((command) => command.includes('\n'))) throw new Error('a command is one line');
      if (isMute) return sendOnce(commands);
      running ??= launch();
      const { child, requests } = running;
      const { command, complaint } = options.mark(++count);
      const done = new Promise<void>((resolve, reject) => requests.push({ complaint, resolve, reject }));
      child.stdin.write(`${[...commands, command].join('\n')}\n`);
      const deadline = setTimeout(() => {
        isMute = true;
        child.kill('SIGKILL');
      }, options.patience ?? usualPatience).unref();
      const settle = () => clearTimeout(deadline);
      done.then(settle, settle);
      if (count % mostRequests === 0) close();
      else {
        clearTimeout(idle);
        idle = setTimeout(close, idleAfter);
        idle.unref();
      }
      return done;
    },
    close,
  };
}

/**
 * Has a program take things away, which may be gone already. A program that went away itself (a signal to all that
 * belongs to the engine ends it too) is asked again.
 */
export async function takeAway(program: Interpreter, ...commands: string[]): Promise<void> {
  const unlessRefused = (error: unknown) => {
    if (!(error instanceof ProgramFailed)) throw error;
  };
  try {
    await program.send(...commands);
  } catch (error) {
    if (error instanceof InterpreterEnded) await program.send(...commands).catch(unlessRefused);
    else unlessRefused(error);
  }
}

/** `ip`, fed with the commands of its batch mode. */
export function createIp(cwd: string): Interpreter {
  return createInterpreter({
    program: 'ip',
    args: ['-force', '-batch', '-'],
    once: ['-force', '-batch', '-'],
    cwd,
    mark: (number) => ({
      command: `=${number}`,
      complaint: new RegExp(`^Object "=${number}" is unknown.*\n.*\n`, 'm'),
    }),
    clean: (complaints) => complaints.replace(/^Command failed .*\n/gm, '').trim(),
  });
}

/** `nft`, fed with one transaction a line. */
export function createNft(cwd: string): Interpreter {
  return createInterpreter({
    program: 'nft',
    args: ['-i'],
    once: ['-f', '-'],
    cwd,
    mark: (number) => ({
      command: `=${number}`,
      complaint: new RegExp(`^.*syntax error.*\n=${number}\n.*\n`, 'm'),
    }),
    // It repeats the whole line, which may be long, under each complaint.
    clean: (complaints) => complaints.match(/^Error: .*/gm)?.join('; ') ?? complaints.trim(),
  });
}
