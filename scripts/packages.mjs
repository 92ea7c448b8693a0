// The distribution's packages that davit and its tests stand on: which, why, and installing those that are missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * One need a row. It is met when one of `programs` is on the path (or, where the program alone does not tell,
 * when the package is there); else the first of `packages` that the distribution knows is installed.
 */
const forContainers = [
  { programs: ['conmon'], packages: ['conmon'], why: 'holds each container, its output and its exit code' },
  { programs: ['crun', 'runc'], packages: ['crun'], why: 'starts containers (OCI runtime)' },
  { programs: ['nft'], packages: ['nftables'], why: 'published ports and NAT' },
  { programs: ['ip'], packages: ['iproute2'], why: 'bridges and network namespaces' },
  { programs: ['unshare', 'nsenter'], packages: ['util-linux'], every: true, why: 'namespaces' },
  { programs: ['mount', 'umount'], packages: ['mount'], every: true, why: 'root filesystems (overlayfs)' },
  { programs: ['tar'], packages: ['tar'], why: 'image layers' },
  { programs: ['xz'], packages: ['xz-utils'], why: 'image layers packed with xz' },
  { programs: ['zstd'], packages: ['zstd'], why: 'image layers packed with zstd' },
  { programs: ['catatonit', 'tini', 'docker-init'], packages: ['catatonit', 'tini'], why: 'run --init' },
];
const forTheImage = [{ programs: [], packages: ['busybox-static'], why: 'what the test image is made of' }];
const forTests = [
  { programs: ['dockerd'], packages: ['docker.io'], why: 'the original engine, to compare with' },
  {
    programs: ['docker'],
    packages: ['docker-cli', 'docker.io'],
    why: 'the original client, to compare with',
  },
  {
    programs: ['docker-registry'],
    packages: ['docker-registry'],
    why: 'a registry to push to and pull from',
  },
  { programs: ['docker-compose'], packages: ['docker-compose'], why: 'a client that others wrote' },
  { programs: ['skopeo'], packages: ['skopeo'], why: 'copies images between registries and archives' },
  { programs: ['podman'], packages: ['podman'], why: 'another engine, to exchange images with' },
  { programs: ['openssl'], packages: ['openssl'], why: 'certificates of the tests' },
  {
    programs: ['sshd', 'ssh'],
    packages: ['openssh-server'],
    every: true,
    why: 'another machine to reach over ssh',
  },
  { programs: ['bash'], packages: ['bash'], why: 'completion' },
  { programs: ['zsh'], packages: ['zsh'], why: 'completion' },
  { programs: ['fish'], packages: ['fish'], why: 'completion' },
  { programs: ['man'], packages: ['man-db'], why: 'manual pages' },
  { programs: ['mandoc'], packages: ['mandoc'], why: 'manual pages, read by the other program for them' },
  { programs: ['curl'], packages: ['curl'], why: 'an HTTP client that is not ours' },
];

export const needs = {
  quickstart: [...forContainers, ...forTheImage],
  test: [...forContainers, ...forTheImage, ...forTests],
};

const searchPath = [...(process.env.PATH || '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];

function onPath(program) {
  return searchPath.some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

function isMet(need) {
  if (need.programs.length === 0) {
    return need.packages.some((name) => existsSync(`/var/lib/dpkg/info/${name}.list`));
  }
  return need.every ? need.programs.every(onPath) : need.programs.some(onPath);
}

/** The rows of `list` that this machine does not meet. */
export function missingFrom(list) {
  return list.filter((need) => !isMet(need));
}

/** Whether packages come from apt here: Debian, Ubuntu and what is made from them. */
export function hasApt() {
  return process.platform === 'linux' && onPath('apt-get') && existsSync('/var/lib/dpkg/status');
}

/** A plain table of what is missing and why. */
export function asTable(list) {
  const width = Math.max(...list.map((need) => need.packages[0].length));
  return list.map((need) => `  ${need.packages[0].padEnd(width)}  ${need.why}`).join('\n');
}

function apt(args, quiet) {
  const result = spawnSync('apt-get', args, {
    stdio: ['ignore', quiet ? 'ignore' : 'pipe', quiet ? 'ignore' : 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  return { ok: result.status === 0, output: `${result.stdout || ''}${result.stderr || ''}` };
}

function isKnown(name) {
  const result = spawnSync('apt-cache', ['show', '--no-all-versions', name], { encoding: 'utf8' });
  return result.status === 0 && (result.stdout || '').includes(`Package: ${name}`);
}

/**
 * Runs `action` while Debian's own switch against starting services during an installation is set. A machine
 * that has set the switch itself is left alone.
 */
function withoutServices(action) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return action();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  const interrupted = () => {
    rmSync(policy, { force: true });
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return action();
  } finally {
    rmSync(policy, { force: true });
    process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
  }
}

/** Services that packages would start at the next boot: they are wanted only as programs here. */
const services = {
  'docker.io': ['docker.service', 'docker.socket', 'containerd.service'],
  'docker-registry': ['docker-registry.service'],
  'openssh-server': ['ssh.service', 'ssh.socket'],
};

function keepFromBoot(names) {
  const units = names.flatMap((name) => services[name] || []);
  if (units.length === 0 || !onPath('systemctl')) return;
  spawnSync('systemctl', ['disable', '--quiet', ...units], { stdio: 'ignore' });
}

/** Installs what `missing` asks for with apt. Returns '' or what went wrong. */
export function install(missing) {
  apt(['update', '-qq'], true);
  const names = missing.map((need) => need.packages.find(isKnown) || need.packages[0]);
  const unique = [...new Set(names)];
  const result = withoutServices(() => apt(['install', '-y', '-qq', '--no-install-recommends', ...unique]));
  keepFromBoot(unique);
  return result.ok ? '' : `apt-get could not install ${unique.join(' ')}:\n${result.output.trim()}`;
}

/** The system's name for a person, as in "Debian GNU/Linux 12 (bookworm)". */
export function systemName() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return (/^PRETTY_NAME="?([^"\n]*)/m.exec(release) || [])[1] || process.platform;
  } catch {
    return process.platform;
  }
}
