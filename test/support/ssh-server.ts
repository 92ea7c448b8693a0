import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { run } from './command.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { waitFor } from './wait.ts';

/** A real sshd on a loopback address, with keys and configuration of its own. */
export interface SshServer {
  /** `ssh://user@127.0.0.1:port` */
  readonly address: string;
  /** A folder with an `ssh` that knows the key; in front of a client's PATH. */
  readonly localPath: string;
  /** Puts a program on the PATH of the other machine. */
  provide(name: string, program: string): void;
  stop(): Promise<void>;
}

const port = 2222;

async function makeKey(path: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
}

/** Starts one in a network namespace; logins get this environment. */
export async function startSshServer(
  directory: string,
  network: NetworkNamespace,
  environment: Record<string, string>,
): Promise<SshServer> {
  const path = (name: string) => `${directory}/${name}`;
  for (const name of ['', 'local', 'remote']) mkdirSync(path(name), { recursive: true });
  await Promise.all([makeKey(path('host')), makeKey(path('user'))]);
  copyFileSync(path('user.pub'), path('authorized'));
  chmodSync(path('authorized'), 0o600);
  const variables = { ...environment, PATH: `${path('remote')}:/usr/bin:/bin` };
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('authorized')}`,
    `PidFile ${path('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    `SetEnv ${Object.entries(variables)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
  ];
  writeFileSync(path('sshd_config'), `${settings.join('\n')}\n`);
  const client = [
    `IdentityFile ${path('user')}`,
    'IdentitiesOnly yes',
    'StrictHostKeyChecking accept-new',
    `UserKnownHostsFile ${path('known')}`,
  ];
  writeFileSync(path('ssh_config'), `${client.join('\n')}\n`);
  writeFileSync(path('local/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${path('ssh_config')} "$@"\n`, {
    mode: 0o755,
  });
  // sshd wants this folder; its package makes it when the service starts.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const [program = '', ...args] = network.enter(['/usr/sbin/sshd', '-D', '-e', '-f', path('sshd_config')]);
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await waitFor(() => existsSync(path('pid')), 'sshd to listen', 10_000);
  return {
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    localPath: path('local'),
    provide: (name, target) => symlinkSync(target, path(`remote/${name}`)),
    async stop() {
      child.kill();
      await ended;
    },
  };
}
