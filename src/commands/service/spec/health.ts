import type { ServiceContainer } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { splitPair } from '../../values.ts';
import type { HealthOptions } from '../flags/command.ts';
import { withoutEmpty } from './empty.ts';

type Healthcheck = ServiceContainer['Healthcheck'];

/**
 * A health check with what the flags say in the place of what it was; undefined when they say nothing and there was
 * none. Throws CommandError when they contradict each other.
 */
export function changeHealth(before: Healthcheck, options: HealthOptions): Healthcheck {
  const { healthCmd: command } = options;
  const times = {
    Interval: options.healthInterval,
    Timeout: options.healthTimeout,
    StartPeriod: options.healthStartPeriod,
    StartInterval: options.healthStartInterval,
    Retries: options.healthRetries,
  };
  const given = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
  const some = command !== undefined || Object.keys(given).length > 0;
  if (options.noHealthcheck) {
    if (some) throw new CommandError('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!some) return before;
  const old = before?.Test?.[0] === 'NONE' ? undefined : before?.Test;
  const test = command === undefined ? old : command === '' ? undefined : ['CMD-SHELL', command];
  return withoutEmpty({ ...before, ...given, Test: test });
}

/** The log driver that the flags name, if they name one. Throws CommandError for options of none. */
export function logDriver({ logDriver: name, logOpt }: Pick<HealthOptions, 'logDriver' | 'logOpt'>) {
  if (!name) {
    if (logOpt.length > 0) throw new CommandError('--log-opt needs --log-driver');
    return undefined;
  }
  return withoutEmpty({ Name: name, Options: Object.fromEntries(logOpt.map(splitPair)) });
}
