import { describe, expect, it } from 'vitest';
import { flag } from './flag.ts';
import { parseArguments } from './parser.ts';

const flags = {
  detach: flag.boolean({ short: 'd', summary: '' }),
  interactive: flag.boolean({ short: 'i', summary: '' }),
  tty: flag.boolean({ short: 't', summary: '' }),
  env: flag.list({ short: 'e', summary: '' }),
  name: flag.string({ summary: '' }),
  hostname: flag.string({ short: 'h', summary: '' }),
  last: flag.integer({ short: 'n', summary: '', default: -1 }),
  capAdd: flag.list({ summary: '' }),
  time: flag.integer({ summary: '', deprecated: 'use --timeout instead' }),
  sigProxy: flag.boolean({ summary: '', default: true }),
  init: flag.tristate({ summary: '' }),
};

const parse = (...args: string[]) => parseArguments(flags, args);
const parseUntilArgument = (...args: string[]) => parseArguments(flags, args, { stopAtFirstArgument: true });

describe('parseArguments', () => {
  it('gives every flag its initial value', () => {
    expect(parse().options).toEqual({
      detach: false,
      interactive: false,
      tty: false,
      env: [],
      name: undefined,
      hostname: undefined,
      last: -1,
      capAdd: [],
      time: undefined,
      sigProxy: true,
      init: undefined,
    });
  });

  it('gives every other flag its initial value beside one that is given', () => {
    expect(parse('--name', 'x').options).toEqual({ ...parse('x').options, name: 'x' });
  });

  it('reads letters in one word', () => {
    expect(parse('-dit').options).toMatchObject({ detach: true, interactive: true, tty: true });
    expect(parse('-diteA=1').options).toMatchObject({ detach: true, env: ['A=1'] });
    expect(parse('-dite', 'A=1').options).toMatchObject({ tty: true, env: ['A=1'] });
    expect(parse('-d=false').options.detach).toBe(false);
    expect(parse('-e=A=1').options.env).toEqual(['A=1']);
  });

  it('reads long flags with and without an equals sign', () => {
    expect(parse('--name=a=b', '--env', 'X', '--cap-add=ALL', '--sig-proxy=false').options).toMatchObject({
      name: 'a=b',
      env: ['X'],
      capAdd: ['ALL'],
      sigProxy: false,
    });
    expect(parse('--name=').options.name).toBe('');
    expect(parse('--name', '--env').options.name).toBe('--env');
    expect(parse('--init=false').options.init).toBe(false);
  });

  it('lets the last of several values win, and collects lists', () => {
    expect(parse('--name', 'a', '--name', 'b').options.name).toBe('b');
    expect(parse('-e', 'A', '-eB', '--env=C').options.env).toEqual(['A', 'B', 'C']);
  });

  it('takes flags among the arguments unless they end at the first', () => {
    expect(parse('a', '-d', 'b')).toMatchObject({ args: ['a', 'b'], options: { detach: true } });
    expect(parseUntilArgument('-i', 'image', '-d', '--rm', '--', 'x')).toMatchObject({
      args: ['image', '-d', '--rm', '--', 'x'],
      options: { detach: false, interactive: true },
    });
  });

  it('ends flags at a double dash and takes a single one as an argument', () => {
    expect(parse('-d', '--', '-i', '--name').args).toEqual(['-i', '--name']);
    expect(parse('-').args).toEqual(['-']);
  });

  it.each([
    [['--nope'], 'unknown flag: --nope'],
    [['--no-detach'], 'unknown flag: --no-detach'],
    [['-dz'], "unknown shorthand flag: 'z' in -z"],
    [['-zd'], "unknown shorthand flag: 'z' in -zd"],
    [['-it='], "unknown shorthand flag: '=' in -="],
    [['--env'], 'flag needs an argument: --env'],
    [['-de'], "flag needs an argument: 'e' in -e"],
    [['-h'], "flag needs an argument: 'h' in -h"],
    [['---x'], 'bad flag syntax: ---x'],
    [['--=x'], 'bad flag syntax: --=x'],
    [
      ['-n', 'abc'],
      'invalid argument "abc" for "-n, --last" flag: strconv.ParseInt: parsing "abc": invalid syntax',
    ],
    [['-n='], 'invalid argument "=" for "-n, --last" flag: strconv.ParseInt: parsing "=": invalid syntax'],
    [
      ['--tty=maybe'],
      'invalid argument "maybe" for "-t, --tty" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  it('notices help, by its letter too where that is free', () => {
    expect(parse('--help').help).toBe(true);
    expect(parseArguments({ all: flag.boolean({ short: 'a', summary: '' }) }, ['-ah']).help).toBe(true);
    expect(parse('x').help).toBe(false);
  });

  it('says what is going out of use', () => {
    const notices: string[] = [];
    parseArguments(flags, ['--time', '5'], { notice: (text) => notices.push(text) });
    expect(notices).toEqual(['Flag --time has been deprecated, use --timeout instead']);
  });
});
