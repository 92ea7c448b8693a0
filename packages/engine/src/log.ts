export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const levels: LogLevel[] = ['debug', 'info', 'warn', 'error', 'fatal'];

let lowest = levels.indexOf('info');

/** Sets the level below which nothing is written. */
export function setLogLevel(level: LogLevel): void {
  lowest = levels.indexOf(level);
}

/** Whether a text names a level of the engine's log. */
export function isLogLevel(value: string): value is LogLevel {
  return (levels as string[]).includes(value);
}

/** Whether what is told at a level is written. */
export function isLogged(level: LogLevel): boolean {
  return levels.indexOf(level) >= lowest;
}

function write(level: LogLevel, message: string, fields: Record<string, string | number> = {}): void {
  if (!isLogged(level)) return;
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  process.stderr.write(
    `time="${new Date().toISOString()}" level=${level} msg=${JSON.stringify(message)}${rest.join('')}\n`,
  );
}

/** The engine's log, on standard error in logfmt, as dockerd's. */
export const log = {
  debug: (message: string, fields?: Record<string, string | number>) => write('debug', message, fields),
  info: (message: string, fields?: Record<string, string | number>) => write('info', message, fields),
  warn: (message: string, fields?: Record<string, string | number>) => write('warn', message, fields),
  error: (message: string, fields?: Record<string, string | number>) => write('error', message, fields),
};
