// Starts a bundle on a Node that is new enough. Old ones have to be able to read this file: keep its syntax plain.
// Modules of Node's that the usual start does without are loaded where they are used.
'use strict';
const { dirname, isAbsolute } = require('node:path');

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
    const folder = cacheFolder();
    if (folder) require('node:module').enableCompileCache(`${folder}/node`);
    return import(`../dist/${bundle}`).catch(explain);
  }
  try {
    return require('./load.js').load(file, compiledFolder);
  } catch (error) {
    return explain(error);
  }
}

/** Where the compiled code of one version of Node is kept; null when there is no place for it. */
function compiledFolder() {
  const folder = cacheFolder();
  return folder && `${folder}/code/${process.version}-${process.arch}`;
}

/**
 * Where what was compiled is kept; null for a user without a home. Root runs nothing from the home of who called
 * sudo.
 */
function cacheFolder() {
  const { homedir, userInfo } = require('node:os');
  try {
    if (process.getuid && process.getuid() === 0) return `${userInfo().homedir}/.cache/davit`;
    const { XDG_CACHE_HOME = '' } = process.env;
    return `${isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : `${homedir()}/.cache`}/davit`;
  } catch {
    return null;
  }
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
