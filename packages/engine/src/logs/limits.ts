import type { LogConfig } from '../config.ts';
import { EngineError, messageOf } from '../errors.ts';
import { attributeOptions } from './attributes.ts';
import { checkSyslog, syslogOptions } from './syslog.ts';

/** How much of a log is kept. */
export interface LogLimits {
  /** Bytes of a file from which on the log goes on in a new one. */
  maxSize: number;
  /** Files that are kept, the one that is written counted. */
  maxFiles: number;
  /** The files before that one are packed with gzip. */
  compress: boolean;
}

export const defaultLogDriver = 'json-file';

const rotationOptions = ['max-file', 'max-size', 'compress'];
const modeOptions = ['mode', 'max-buffer-size'];
/** The options of the log that is kept here when it is sent elsewhere: a `local` one, with names of their own. */
const cacheOptions = ['cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];

interface Driver {
  /** The options of its own. */
  options: string[];
  /** What is said of an option that it does not have. */
  unknown(option: string): string;
  /** Checks what dockerd checks before there is a container. Throws an Error in its words. */
  check?(options: Record<string, string>): void;
  /** Reads its options. Throws an Error in dockerd's words. */
  limits(options: Record<string, string>): LogLimits | null;
}

/** Bytes as go-units reads them: `10m`, `1.5 GB`; `unit` is that of `k`. */
function parseSize(text: string, unit: 1000 | 1024): number {
  const [, number, prefix = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`invalid size: '${text}'`);
  return Math.trunc(Number(number) * unit ** ('kmgtp'.indexOf(prefix.toLowerCase() || ' ') + 1));
}

function parseCount(text: string): number {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function parseSwitch(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const drivers: Record<string, Driver | undefined> = {
  'json-file': {
    options: [...rotationOptions, ...attributeOptions],
    unknown: (option) => `unknown log opt '${option}' for json-file log driver`,
    limits(options) {
      const { 'max-size': size, 'max-file': files = '1', compress: packed = 'false' } = options;
      const maxSize = size === undefined ? null : parseSize(size, 1000);
      if (maxSize === 0) throw new Error('max-size must be a positive number');
      const maxFiles = parseCount(files);
      if (maxFiles < 1) throw new Error('max-file cannot be less than 1');
      const compress = parseSwitch(packed);
      if (compress && (maxFiles === 1 || maxSize === null)) {
        throw new Error('compress cannot be true when max-file is less than 2 or max-size is not set');
      }
      return maxSize === null ? null : { maxSize, maxFiles, compress };
    },
  },
  local: {
    options: rotationOptions,
    unknown: (option) => `unknown log opt '${option}' for log driver local`,
    limits({ 'max-size': size = '20m', 'max-file': files = '5', compress: packed = 'true' }) {
      const maxSize = localSize(size);
      // dockerd would begin a new file with every line.
      if (maxSize === 0) throw new Error('max-size must be a positive number');
      const maxFiles = parseCount(files);
      if (maxFiles < 0) throw new Error('max file count cannot be less than 0');
      const compress = parseSwitch(packed);
      if (compress && maxFiles <= 1) {
        throw new Error('compression cannot be enabled when max file count is 1');
      }
      return { maxSize, maxFiles: Math.max(maxFiles, 1), compress };
    },
  },
  syslog: {
    options: [...syslogOptions, ...cacheOptions, ...attributeOptions],
    unknown: (option) => `unknown log opt '${option}' for syslog log driver`,
    check: checkSyslog,
    limits: limitsOfCache,
  },
  journald: {
    options: [...cacheOptions, ...attributeOptions],
    unknown: (option) => `unknown log opt '${option}' for journald log driver`,
    limits: limitsOfCache,
  },
  none: {
    options: [],
    unknown: (option) => `unknown log opt '${option}' for none log driver`,
    limits: () => null,
  },
};

function limitsOfCache(options: Record<string, string>): LogLimits | null {
  parseSwitch(options['cache-disabled'] || 'false');
  const own = Object.entries(options).flatMap(([name, value]) =>
    name.startsWith('cache-') ? [[name.slice('cache-'.length), value]] : [],
  );
  return drivers.local?.limits(Object.fromEntries(own)) ?? null;
}

/** Whether clients can read the log of a container. */
export function isReadable({ Type, Config }: LogConfig): boolean {
  return Type !== 'none' && !parseSwitch(Config?.['cache-disabled'] || 'false');
}

/** The bytes that may wait to be sent where a log does not wait; null where it does. */
export function bufferOf({ Config }: LogConfig): number | null {
  const { mode, 'max-buffer-size': size = '1m' } = Config ?? {};
  return mode === 'non-blocking' ? parseSize(size, 1024) : null;
}

function localSize(text: string): number {
  try {
    return parseSize(text, 1024);
  } catch (error) {
    throw new Error(`invalid value for max-size: ${text}: ${messageOf(error)}`);
  }
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** Fills in the engine's own driver, and its options where it is the same one, as dockerd does. */
export function completeLogConfig(given: LogConfig, standard: LogConfig): LogConfig {
  const Type = given.Type || standard.Type;
  return { Type, Config: { ...(Type === standard.Type && standard.Config), ...given.Config } };
}

function driverOf({ Type }: LogConfig): Driver {
  const name = Type || defaultLogDriver;
  return drivers[name] ?? refuse(`error looking up logging plugin ${name}: plugin "${name}" not found`);
}

/**
 * Checks a driver and its options before there is a container. Throws `badParameter` in dockerd's words, which says
 * some of them only when it starts the container.
 */
export function checkLogConfig(config: LogConfig): void {
  const options = config.Config ?? {};
  const driver = driverOf(config);
  checkMode(options);
  for (const option of Object.keys(options)) {
    if (modeOptions.includes(option) || driver.options.includes(option)) continue;
    refuse(driver.unknown(option));
  }
  try {
    driver.check?.(options);
  } catch (error) {
    refuse(messageOf(error));
  }
  limitsOf(config);
}

/** What of a log is to be kept; null: all of it. Throws `badParameter` as `checkLogConfig`. */
export function limitsOf(config: LogConfig): LogLimits | null {
  try {
    return driverOf(config).limits(config.Config ?? {});
  } catch (error) {
    return refuse(`failed to initialize logging driver: ${messageOf(error)}`);
  }
}

/** The files of a log wait for nobody in either mode; where it is sent elsewhere, it is not kept for ever in one of them. */
function checkMode({ mode, 'max-buffer-size': buffer }: Record<string, string>): void {
  if (mode === 'non-blocking') {
    try {
      if (buffer !== undefined) parseSize(buffer, 1024);
    } catch (error) {
      refuse(`error parsing option max-buffer-size: ${messageOf(error)}`);
    }
    return;
  }
  if (mode !== undefined && mode !== '' && mode !== 'blocking')
    refuse(`logger: logging mode not supported: ${mode}`);
  if (buffer !== undefined)
    refuse("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
}
