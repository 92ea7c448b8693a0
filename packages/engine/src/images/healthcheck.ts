import type { ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { parseDuration } from './times.ts';

type Healthcheck = NonNullable<ImageConfig['Healthcheck']>;

const durations: Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}

/** Reads the arguments of HEALTHCHECK: `NONE`, or options and `CMD` with a command in JSON or shell form. */
export function readHealthcheck(rest: string, jsonForm: (command: string) => string[] | null): Healthcheck {
  const check: Healthcheck = {};
  let left = rest;
  for (let option = /^--([\w-]+)=(\S+)\s*/.exec(left); option; option = /^--([\w-]+)=(\S+)\s*/.exec(left)) {
    const [whole, name = '', value = ''] = option;
    left = left.slice(whole.length);
    const field = durations[name];
    if (field) check[field] = readDuration(name, value);
    else if (name === 'retries') check.Retries = readRetries(value);
    else refuse(`unknown flag: ${name}`);
  }
  const [, type = '', command = ''] = /^(\S+)\s*(.*)$/s.exec(left) ?? [];
  if (type.toUpperCase() === 'NONE') {
    if (command !== '') refuse('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (type.toUpperCase() !== 'CMD') refuse(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (command === '') refuse('Missing command after HEALTHCHECK CMD');
  const words = jsonForm(command);
  return { ...check, Test: words ? ['CMD', ...words] : ['CMD-SHELL', command] };
}

function readDuration(name: string, value: string): number {
  const duration = parseDuration(value) ?? refuse(`invalid duration ${JSON.stringify(value)} for --${name}`);
  if (duration !== 0 && duration < 1e6) refuse(`Interval "${name}" cannot be less than 1ms`);
  return duration;
}

function readRetries(value: string): number {
  if (!/^\d{1,9}$/.test(value)) refuse(`--retries must be at least 0, not ${value}`);
  return Number(value);
}
