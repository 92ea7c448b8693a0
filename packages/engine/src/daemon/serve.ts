import { setTimeout as pause } from 'node:timers/promises';
import { type Engine, startEngine } from '../engine.ts';
import { EngineError, messageOf } from '../errors.ts';
import { log, setLogLevel } from '../log.ts';
import { proxyNames, proxyVariable } from '../proxies.ts';
import { inheritedSockets } from '../server/activation.ts';
import { parseHost } from '../server/hosts.ts';
import { answers } from '../server/listen.ts';
import type { DaemonConfig } from '../settings/daemon.ts';
import { watchIdleness } from './idle.ts';
import { notifySystemd, readinessDescriptor, tellStarter } from './notify.ts';

/** How long an engine that was started on demand waits for another one that is starting or ending. */
const patience = 20_000;

/** Runs the engine until it is told to end, or is idle. Returns the exit code. */
export async function serve(
  config: DaemonConfig,
  env: NodeJS.ProcessEnv,
  reread: () => DaemonConfig,
): Promise<number> {
  // Programs that the engine starts must not take these for theirs: runc would notify systemd.
  for (const name of ['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'DAVITD_READY_FD'])
    delete process.env[name];
  useProxies(config);
  process.umask(0o022);
  setLogLevel(config.logLevel);
  logWhatNobodyCaught();
  const ending = awaitEnding();
  process.on('SIGHUP', () => reload(config, reread));
  // Without a listener node would open its debugger.
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const)
    process.on(signal, () => log.info(`${signal} has no meaning for davitd`));

  const engine = await startOrJoin(config, env);
  if (!engine) return 0;
  notifySystemd('READY=1', env);
  tellStarter(env, 'ready');
  const forget = watchIdleness(config.idleTimeout, engine.activity, () => ending.end('it is idle'));

  log.info(`davitd ends: ${await ending.reason}`);
  forget();
  notifySystemd('STOPPING=1', env);
  await engine.stop();
  return 0;
}

/** Puts the proxies of the settings in the place of those of the environment, where everything looks for them. */
function useProxies({ proxies }: DaemonConfig): void {
  for (const name of proxyNames) {
    if (proxies[name] === '') continue;
    const before = proxyVariable(process.env, name);
    if (before !== '' && before !== proxies[name])
      log.warn('a proxy of the settings takes the place of one of the environment', { name });
    process.env[name] = proxies[name];
    process.env[name.toLowerCase()] = proxies[name];
  }
}

/** Starts the engine. One that was started on demand leaves the work to another one that already does it: null. */
async function startOrJoin(config: DaemonConfig, env: NodeJS.ProcessEnv): Promise<Engine | null> {
  const deadline = Date.now() + patience;
  while (true) {
    try {
      return await startEngine(config, inheritedSockets(env, process.pid));
    } catch (error) {
      const busy = error instanceof EngineError && error.kind === 'conflict';
      if (!busy || readinessDescriptor(env) === null || Date.now() > deadline) throw error;
    }
    const host = parseHost(config.hosts[0] ?? '', config.tls.enabled);
    if (host.kind === 'unix' && (await answers(host.path))) {
      tellStarter(env, 'ready');
      return null;
    }
    await pause(50);
  }
}

/** What ends the engine: a signal, or a call of `end`. The third signal ends it at once. */
function awaitEnding(): { reason: Promise<string>; end(reason: string): void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals >= 3) process.exit(1);
      resolve(`it was told to by ${signal}`);
    });
  }
  return { reason: promise, end: resolve };
}

/** Takes over what can change while the engine runs. */
function reload(config: DaemonConfig, reread: () => DaemonConfig): void {
  try {
    const { labels, debug, logLevel, insecureRegistries, registryMirrors, shutdownTimeout, idleTimeout } =
      reread();
    Object.assign(config, {
      labels,
      debug,
      logLevel,
      insecureRegistries,
      registryMirrors,
      shutdownTimeout,
      idleTimeout,
    });
    setLogLevel(logLevel);
    log.info('the settings were read again: labels, log level, registries and timeouts are in force');
  } catch (error) {
    log.error(`the settings stay as they are: ${messageOf(error)}`);
  }
}

/** A connection that broke where nobody listened harms no one else; after anything else nothing is certain. */
function logWhatNobodyCaught(): void {
  process.on('unhandledRejection', (error) =>
    log.error('nobody handled an error', { stack: stackOf(error) }),
  );
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    log.error('nobody caught an error', { stack: stackOf(error) });
    if (error.syscall === undefined) process.exit(1);
  });
}

function stackOf(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}
