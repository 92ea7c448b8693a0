import { describe, expect, it } from 'vitest';
import { identify, isAlive, parseStartTime } from '../kernel/identity.ts';
import { containerCgroup } from './cgroup.ts';
import { parseReport } from './conmon.ts';
import { parseHardLimits } from './host.ts';
import { parseSecurityOptions } from './security.ts';

describe('what is read from the kernel and from conmon', () => {
  it('hard limits, without those that are none', () => {
    const text = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max cpu time              unlimited            unlimited            seconds   ',
      'Max open files            1024                 20000                files     ',
      'Max nice priority         0                    0                    ',
    ].join('\n');
    expect(parseHardLimits(text)).toEqual({ RLIMIT_NOFILE: 20000, RLIMIT_NICE: 0 });
  });

  it('a process’s start, whatever its program is called', () => {
    const rest = Array.from({ length: 50 }, (_, index) => index + 3).join(' ');
    expect(parseStartTime(`4711 (evil) name) ${rest}`)).toBe(22);
  });

  it.skipIf(process.platform !== 'linux')('whether a process is still the same', () => {
    const own = identify(process.pid);
    expect(own && isAlive(own)).toBe(true);
    expect(isAlive({ pid: process.pid, startTime: 1 })).toBe(false);
    expect(identify(2 ** 22 + 1)).toBeNull();
  });

  it('the monitor’s reports', () => {
    expect(parseReport('{"data": 4711}')).toEqual({ data: 4711, message: '' });
    expect(parseReport('{"data": -1, "message": "no\\n"}')).toEqual({ data: -1, message: 'no' });
    expect(parseReport('{"data": -1, "message": "a\x1fb"}').message).toBe('a b');
    expect(parseReport('').data).toBe(-1);
  });
});

describe('containerCgroup', () => {
  it('has a branch for each engine, or the one that was asked for', () => {
    expect(containerCgroup('e1', '', 'c1')).toBe('/davit/e1/c1');
    expect(containerCgroup('e1', 'mine/here', 'c1')).toBe('/mine/here/c1');
  });

  it('stays in the hierarchy', () => {
    expect(containerCgroup('e1', '../../etc', 'c1')).toBe('/etc/c1');
  });
});

describe('security options', () => {
  it('are read in both spellings', () => {
    expect(
      parseSecurityOptions(['no-new-privileges:true', 'seccomp:unconfined', 'apparmor=mine']),
    ).toMatchObject({ noNewPrivileges: true, seccomp: 'unconfined', apparmor: 'mine' });
    expect(parseSecurityOptions(['no-new-privileges=false', 'seccomp=builtin', 'label=disable'])).toEqual({
      noNewPrivileges: false,
      seccomp: '',
      apparmor: '',
      systemPathsUnconfined: false,
    });
  });

  it.each([
    ['foo', 'invalid --security-opt 1: "foo"'],
    ['foo=bar', 'invalid --security-opt 2: "foo=bar"'],
    ['no-new-privileges=maybe', 'invalid --security-opt 2: "no-new-privileges=maybe"'],
  ])('refuse %j', (option, message) => {
    expect(() => parseSecurityOptions([option])).toThrow(message);
  });
});
