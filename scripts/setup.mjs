// Makes a checkout ready: npm packages, Node 24, the distribution's packages, the build. Runs on Node 16 and newer
// without any dependency, does nothing that is done already, and says what it cannot do.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asTable, hasApt, install, missingFrom, needs, systemName } from './packages.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundledNode = `${root}/node_modules/node/bin/node`;

/** Something that the person at the keyboard has to mend; its message says how. */
export class SetupError extends Error {}

/** Writes one line of progress, marked as ours. */
export function say(line) {
  process.stdout.write(`\x1b[2m›\x1b[0m ${line}\n`.replace(/\x1b\[\d*m/g, process.stdout.isTTY ? '$&' : ''));
}

/** Runs a program to its end in the checkout with its output shown; returns its exit code. */
export function runShown(program, args, env = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.error) throw new SetupError(`${program}: ${result.error.message}`);
  return result.status === null ? 1 : result.status;
}

function readJson(path) {
  return JSON.parse(readFileSync(`${root}/${path}`, 'utf8'));
}

/** Whether node_modules holds what package-lock.json asks for. */
function modulesAreCurrent() {
  if (!existsSync(`${root}/node_modules/.package-lock.json`)) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') || wanted.link) return true;
    const found = installed[path];
    return found ? found.version === wanted.version : wanted.optional === true;
  });
}

function installModules() {
  if (modulesAreCurrent()) return;
  say('npm ci (the packages of package-lock.json)');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.error) throw new SetupError(`npm cannot be run: ${result.error.message}`);
  if (result.status !== 0) throw new SetupError(`npm ci failed:\n${result.stdout}${result.stderr}`);
}

function majorOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return Number((/^v(\d+)\./.exec(stdout || '') || [])[1] || 0);
}

/**
 * The Node to run on: the one that npm installed. Its package is filled by an install script, which npm leaves out
 * when it was told to (ignore-scripts): then the script is run here.
 */
function findNode() {
  if (majorOf(bundledNode) >= 24) return bundledNode;
  if (existsSync(`${root}/node_modules/node/installArchSpecificPackage.js`)) {
    say("npm left out Node's own install script: running it");
    spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
      cwd: `${root}/node_modules/node`,
      stdio: 'ignore',
    });
    if (majorOf(bundledNode) >= 24) {
      // npm links only programs that it has seen.
      if (!existsSync(`${root}/node_modules/.bin/node`)) {
        symlinkSync('../node/bin/node', `${root}/node_modules/.bin/node`);
      }
      return bundledNode;
    }
  }
  if (majorOf(process.execPath) >= 24) return process.execPath;
  throw new SetupError(
    'Node 24 or newer is needed, and npm did not bring it (package "node"). Install it from https://nodejs.org, ' +
      'or allow its install script: npm rebuild node --ignore-scripts=false',
  );
}

/** Installs the distribution's packages that are missing; returns why containers cannot be run here, or ''. */
function preparePackages(purpose) {
  if (process.platform !== 'linux') return `containers need Linux, this is ${process.platform}`;
  const missing = missingFrom(needs[purpose]);
  const isRoot = process.getuid && process.getuid() === 0;
  if (missing.length > 0) {
    const names = missing.map((need) => need.packages[0]).join(' ');
    const mayInstall = isRoot && hasApt();
    say(`${mayInstall ? 'apt-get install' : 'missing on this machine'}:\n${asTable(missing)}`);
    if (!hasApt()) return `${systemName()} has no apt-get; please install: ${names}`;
    if (!isRoot) return `please run: sudo apt-get install --no-install-recommends ${names}`;
    const failure = install(missing);
    if (failure) throw new SetupError(failure);
  }
  return isRoot ? '' : 'containers need root';
}

/**
 * Prepares the checkout for `purpose` ("quickstart" or "test") and builds it. Returns the path of the Node to run
 * things with, and why containers cannot be run here ('' when they can).
 */
export function setUp(purpose) {
  installModules();
  const node = findNode();
  const obstacle = preparePackages(purpose);
  if (runShown(node, ['scripts/build.mjs']) !== 0) throw new SetupError('the build failed');
  return { node, obstacle };
}

/** Runs the main function of a script; what it throws for the user is shown as one message, exit code 1. */
export async function main(action) {
  try {
    process.exitCode = await action();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
