// Starts a bundle on a Node that is new enough. Old ones have to be able to read this file: keep its syntax plain.
// Modules of Node's that the usual start does without are loaded where they are used.
'use strict';
const { dirname } = require('node:path');

const oldest = 24;

/** Runs `dist/<bundle>` in this process, or on a newer Node in its place. */
exports.launch = (name, bundle) => {
  if (Number(process.versions.node.split('.')[0]) >= oldest) return start(name, bundle);
  const { carryOn, findNode } = require('./newer.js');
  const node = findNode(dirname(__dirname), oldest);
  if (node) return carryOn(node);
  return refuse(
    `${name}: Node.js ${oldest} or newer is needed, this is ${process.version}, and none came with the dependencies`,
  );
};

function start(name, bundle) {
  const file = `${dirname(__dirname)}/dist/${bundle}`;
  const explain = (error) => {
    if (require('node:fs').existsSync(file)) throw error;
    refuse(`${name}: ${file} is missing: run npm run build`);
  };
  if (!file.endsWith('.cjs')) {
    require('node:module').enableCompileCache(`${cacheFolder()}/davit/node`);
    return import(`../dist/${bundle}`).catch(explain);
  }
  try {
    return require('./load.js').load(file, compiledFolder);
  } catch (error) {
    return explain(error);
  }
}

/** Where the compiled code of one version of Node is kept. */
function compiledFolder() {
  return `${cacheFolder()}/davit/code/${process.version}-${process.arch}`;
}

/** Where what was compiled is kept. Root runs nothing from the home of who called sudo. */
function cacheFolder() {
  const { homedir, userInfo } = require('node:os');
  if (process.getuid && process.getuid() === 0) return `${userInfo().homedir}/.cache`;
  return process.env.XDG_CACHE_HOME || `${homedir()}/.cache`;
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
