import { EngineError, messageOf } from '../errors.ts';
import { ProgramMissing } from '../process.ts';
import { RuntimeRefused } from './conmon.ts';

type Step = 'create' | 'exec';

const prefixes: Record<Step, string> = {
  create:
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ',
  exec: 'OCI runtime exec failed: exec failed: ',
};

/**
 * The error of a container or exec that could not be started, in docker's words with runc: clients find out by
 * them which exit code they give (127 for "executable file not found", 126 for "permission denied"…).
 */
export function startFailure(step: Step, program: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof ProgramMissing) {
    return new EngineError('unavailable', `${error.message}; this installs it: apt-get install conmon`);
  }
  if (!(error instanceof RuntimeRefused))
    return new EngineError('internal', messageOf(error), { cause: error });
  const reason = translateRefusal(error.message, program);
  // The command is what the caller chose: dockerd answers 400 when it cannot be run.
  const kind = reason.includes(`exec: ${JSON.stringify(program)}: `) ? 'badParameter' : 'internal';
  return new EngineError(kind, `${prefixes[step]}${reason}: unknown`, { cause: error });
}

/** Turns what crun or runc printed into the part of runc's message that follows "create failed: ". */
export function translateRefusal(output: string, program: string): string {
  const text = lastMessage(output);
  const name = JSON.stringify(program);
  const cannotExecute = (reason: string) => `unable to start container process: exec: ${name}: ${reason}`;
  if (/^executable file `.*` not found in \$PATH/s.test(text)) {
    return program.includes('/')
      ? cannotExecute(`stat ${program}: no such file or directory`)
      : cannotExecute('executable file not found in $PATH');
  }
  const open = /^open executable: (.*)/s.exec(text);
  // crun says so of a folder, and of no name at all.
  if (open?.[1] === 'Operation not permitted') {
    return cannotExecute(program ? 'is a directory' : 'executable file not found in $PATH');
  }
  if (open) return cannotExecute(String(open[1]).toLowerCase());
  const newer = refusalOfNewerCrun(text, program);
  if (newer) return cannotExecute(newer);
  const chdir = /^chdir (?:to )?`(.*)`: (.*)/s.exec(text);
  if (chdir) {
    const [, folder, why = ''] = chdir;
    return `unable to start container process: error during container init: chdir to cwd (${JSON.stringify(folder)}) set in config.json failed: ${why.toLowerCase()}`;
  }
  const sysctl = /^the sysctl `(.*)` is not namespaced$/.exec(text);
  if (sysctl) return `sysctl ${JSON.stringify(sysctl[1])} is not in a separate kernel namespace`;
  if (text.startsWith('unable to start container process: ')) return text;
  return text ? `unable to start container process: ${text}` : 'unable to start container process';
}

/** What crun says since 1.9 or so of a program that it cannot execute, in runc's words; undefined when it is none. */
function refusalOfNewerCrun(text: string, program: string): string | undefined {
  if (/^the path `.*` exists but it is not executable/s.test(text)) return 'permission denied';
  if (/^the path `.*` is not a regular file/s.test(text)) return 'is a directory';
  if (/^cannot find `.*` in \$PATH/s.test(text)) return 'executable file not found in $PATH';
  if (/^executable file `.*` not found: /s.test(text)) return `stat ${program}: no such file or directory`;
  const reason = /^cannot open `.*`: (.*)/s.exec(text)?.[1];
  return reason && text.startsWith(`cannot open \`${program}\``)
    ? `stat ${program}: ${reason.toLowerCase()}`
    : undefined;
}

/** The last message in a log: a plain line of crun's, or the `msg` of a line of runc's without what docker says itself. */
function lastMessage(log: string): string {
  const line = log.trim().split('\n').at(-1) ?? '';
  const quoted = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  const message = quoted ? String(JSON.parse(quoted)) : line;
  return message.replace(/^(?:runc create failed|exec failed): /, '');
}
