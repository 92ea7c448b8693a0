import { describe, expect, it } from 'vitest';
import { RuntimeRefused } from './conmon.ts';
import { startFailure, translateRefusal } from './failure.ts';

const runc = (message: string) => `time="2026-11-25T07:30:25Z" level=error msg=${JSON.stringify(message)}`;

describe('what an OCI runtime refused', () => {
  it.each([
    [
      'nosuch',
      'executable file `nosuch` not found in $PATH: No such file or directory',
      'exec: "nosuch": executable file not found in $PATH',
    ],
    [
      '/nosuch',
      'executable file `/nosuch` not found in $PATH: No such file or directory',
      'exec: "/nosuch": stat /nosuch: no such file or directory',
    ],
    ['/etc', 'open executable: Operation not permitted', 'exec: "/etc": is a directory'],
    ['/bin/data', 'open executable: Permission denied', 'exec: "/bin/data": permission denied'],
    ['', 'open executable: Operation not permitted', 'exec: "": executable file not found in $PATH'],
    // crun 1.21
    [
      '/etc/passwd',
      'the path `/etc/passwd` exists but it is not executable: Operation not permitted',
      'exec: "/etc/passwd": permission denied',
    ],
    [
      '/etc',
      'the path `/etc` is not a regular file: Operation not permitted',
      'exec: "/etc": is a directory',
    ],
    [
      '',
      'cannot find `` in $PATH: No such file or directory',
      'exec: "": executable file not found in $PATH',
    ],
    [
      '/nosuch',
      'executable file `/nosuch` not found: No such file or directory',
      'exec: "/nosuch": stat /nosuch: no such file or directory',
    ],
    [
      '/bin/sh/x',
      'cannot open `/bin/sh/x`: Not a directory',
      'exec: "/bin/sh/x": stat /bin/sh/x: not a directory',
    ],
    [
      'true',
      'chdir `/etc/passwd`: Not a directory',
      'error during container init: chdir to cwd ("/etc/passwd") set in config.json failed: not a directory',
    ],
    [
      'x',
      runc(
        'runc create failed: unable to start container process: exec: "x": executable file not found in $PATH',
      ),
      'exec: "x": executable file not found in $PATH',
    ],
    ['x', runc('exec failed: unable to start container process: something'), 'something'],
  ])('of %j becomes runc’s sentence', (program, output, expected) => {
    expect(translateRefusal(output, program)).toBe(`unable to start container process: ${expected}`);
  });

  it('is told in docker’s words', () => {
    const refused = new RuntimeRefused(
      'executable file `nosuch` not found in $PATH: No such file or directory',
    );
    expect(startFailure('create', 'nosuch', refused)).toMatchObject({
      kind: 'badParameter',
      message:
        'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    });
    expect(startFailure('exec', 'nosuch', refused).message).toBe(
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    );
    expect(startFailure('create', 'true', new RuntimeRefused('mount failed')).kind).toBe('internal');
  });
});
