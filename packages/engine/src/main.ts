import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { become } from './daemon/become.ts';
import {
  holdHost,
  type Move,
  moveToNamespace,
  namespaceDescriptor,
  namespaceMark,
} from './daemon/namespace.ts';
import { readinessDescriptor, tellStarter } from './daemon/notify.ts';
import { EngineError, messageOf } from './errors.ts';
import { type CommandLine, helpText, parseCommandLine, UsageError } from './flags.ts';
import { log } from './log.ts';
import { inheritedSockets } from './server/activation.ts';
import { createDaemonConfig, type DaemonConfig } from './settings/daemon.ts';
import { joinValues, readConfigFile } from './settings/file.ts';
import { hostDescriptor } from './storage/propagation.ts';
import { release } from './system/release.ts';

const directoryMark = 'DAVITD_DIRECTORY';

/** As it was when the engine was started; the engine's own programs get less of it. */
const environment = { ...process.env };

/** The program davitd, from its command line to its exit code. */
async function main(argv: string[]): Promise<number> {
  // Where paths of the command line begin; joining another mount namespace has led away from there.
  if (process.env[directoryMark]) process.chdir(process.env[directoryMark]);
  delete process.env[directoryMark];
  // What led here is of no use any more, and nothing that is started from here may inherit it.
  if (process.env[namespaceDescriptor]) closeSync(Number(process.env[namespaceDescriptor]));
  delete process.env[namespaceDescriptor];
  const line = parseCommandLine(argv);
  if (line.configFile) line.configFile = resolve(line.configFile);
  if (line.action === 'version') return say(`davitd version ${release.version}, build ${release.commit}`);
  if (line.action === 'help') return say(helpText().trimEnd());
  const config = readSettings(line);
  if (line.action === 'validate') return say('configuration OK');
  if (process.getuid?.() !== 0) throw new EngineError('forbidden', 'davitd needs to be started by root');
  if (line.action === 'check' || line.action === 'repair') {
    const { checkStore } = await import('./daemon/check.ts');
    return checkStore(config, line.action === 'repair', say);
  }
  const move = moveToNamespace(config.execRoot, process.env);
  if (move) return enter(move);
  process.chdir('/');
  const { serve } = await import('./daemon/serve.ts');
  const host = process.env[hostDescriptor];
  if (host) process.env[hostDescriptor] = String(takeOver(Number(host)));
  return serve(config, environment, () => readSettings(line));
}

function readSettings({ given, configFile }: CommandLine): DaemonConfig {
  return createDaemonConfig(joinValues(given, readConfigFile(configFile), configFile), process.env);
}

/** Goes on in another mount namespace, with the descriptors that the engine was given. */
function enter({ command, held }: Move): Promise<number> {
  const sockets = inheritedSockets(process.env, process.pid);
  const host = Number(process.env[hostDescriptor] ?? holdHost());
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    [namespaceMark]: 'private',
    [directoryMark]: process.cwd(),
    DAVITD_LISTEN_FDS: String(sockets.length),
    ...(held !== null && { [namespaceDescriptor]: String(held) }),
    [hostDescriptor]: String(host),
    ...poolSettings(process.env),
  };
  const self = [process.execPath, ...heapFlags, ...process.execArgv, ...process.argv.slice(1)];
  const keep = {
    sockets,
    ready: readinessDescriptor(process.env),
    held: [host, ...(held === null ? [] : [held])],
  };
  return become([...command, ...self], env, keep);
}

/** The same as a descriptor that was passed on, which no program gets that is started from here. */
function takeOver(descriptor: number): number {
  const own = openSync(`/proc/self/fd/${descriptor}`, 'r');
  closeSync(descriptor);
  return own;
}

/** Objects that live shortly, megabytes: more of them than this wait for no collection, however busy the engine is. */
const heapFlags = ['--max-semi-space-size=4'];

/** How the threads of the pool and what they allocate are set up, unless the user has said otherwise. */
function poolSettings(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    // They wait for the kernel most of the time: to remove cgroups, to unmount, to copy.
    UV_THREADPOOL_SIZE: given.UV_THREADPOOL_SIZE || '16',
    // glibc would give many of them a heap of their own, and keep in each what was once needed.
    MALLOC_ARENA_MAX: given.MALLOC_ARENA_MAX || '2',
    // The pieces in which images go through the engine go back to the kernel one by one.
    MALLOC_MMAP_THRESHOLD_: given.MALLOC_MMAP_THRESHOLD_ || String(256 * 1024),
  };
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function explain(error: unknown): number {
  tellStarter(environment, messageOf(error).split('\n', 1)[0] ?? '');
  if (error instanceof UsageError) {
    process.stderr.write(
      `${error.message}\n\nUsage:  davitd [OPTIONS]\n\nRun 'davitd --help' for more information\n`,
    );
    return 125;
  }
  if (error instanceof EngineError) process.stderr.write(`davitd: ${error.message}\n`);
  else log.error('davitd cannot start', { stack: (error instanceof Error && error.stack) || String(error) });
  return 1;
}

// Experimental parts of node are used on purpose.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') log.warn(message);
});
// What is idle holds the event loop up for a moment at most. Not process.exit() at once: it may wait for ever for a
// thread that compiles (https://github.com/nodejs/node/issues/54918).
process.exitCode = await main(process.argv.slice(2)).catch(explain);
setTimeout(() => process.exit(), 50).unref();
