import type { ContainerConfig } from '@davit/api';
import { splitPair } from '../../values.ts';

/** Reads --restart: a policy and, after a colon, how often. The policy's name is checked by the engine. */
export function parseRestart(text: string): { Name: string; MaximumRetryCount: number } {
  const [, name = '', count] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (text !== '' && name === '') {
    throw new Error('invalid restart policy format: no policy provided before colon');
  }
  if (count !== undefined && !/^[+-]?\d+$/.test(count)) {
    throw new Error('invalid restart policy format: maximum retry count must be an integer');
  }
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}

/** The flags about health checks; durations in nanoseconds. */
export interface HealthFlags {
  noHealthcheck: boolean;
  healthCmd: string | undefined;
  healthInterval: number;
  healthTimeout: number;
  healthStartPeriod: number;
  healthStartInterval: number;
  healthRetries: number;
}

/** The health check that the flags ask for; null keeps that of the image. Throws in docker's words. */
export function collectHealth(flags: HealthFlags): ContainerConfig['Healthcheck'] {
  const { healthCmd: command, healthInterval, healthTimeout, healthRetries } = flags;
  const { healthStartPeriod, healthStartInterval } = flags;
  const numbers = {
    '--health-interval': healthInterval,
    '--health-timeout': healthTimeout,
    '--health-retries': healthRetries,
    '--health-start-period': healthStartPeriod,
    '--health-start-interval': healthStartInterval,
  };
  const some = Boolean(command) || Object.values(numbers).some((number) => number !== 0);
  if (!some && !flags.noHealthcheck) return null;
  if (some && flags.noHealthcheck) throw new Error('--no-healthcheck conflicts with --health-* options');
  for (const [name, number] of Object.entries(numbers)) {
    if (number < 0) throw new Error(`${name} cannot be negative`);
  }
  return {
    Test: flags.noHealthcheck ? ['NONE'] : command ? ['CMD-SHELL', command] : null,
    Interval: healthInterval,
    Timeout: healthTimeout,
    StartPeriod: healthStartPeriod,
    StartInterval: healthStartInterval,
    Retries: healthRetries,
  };
}

/** Reads `KEY=VALUE` options of a log driver; `none` takes no options. */
export function collectLogOptions(driver: string, options: string[]): Record<string, string> {
  if (driver === 'none' && options.length > 0) throw new Error('invalid logging opts for driver none');
  return Object.fromEntries(options.map(splitPair));
}

/** Reads `KEY=VALUE` options of the container's storage. */
export function collectStorageOptions(options: string[]): Record<string, string> {
  if (options.some((option) => !option.includes('='))) throw new Error('invalid storage option');
  return Object.fromEntries(options.map(splitPair));
}
