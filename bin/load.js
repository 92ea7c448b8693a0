// Loads a bundle of CommonJS files that require one another, and keeps what V8 compiles of them: Node's own compile
// cache has only the functions that are compiled at once, this one also has those that a command called later.
'use strict';
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Bytes of source below which compiling is quicker than a look into the cache. */
const least = 1024;
/** Milliseconds after which what was written is taken away, when other code is: it may be that of an older version. */
const keptFor = 30 * 24 * 60 * 60 * 1000;
const before = '(function (exports, require, module, __filename) {';
const after = '\n})';

/**
 * Runs a file and those beside it that it requires. Their names change with their text, so what was compiled of them
 * is kept under their names, in the folder that `findCache` returns when it is first needed, or nowhere when that is
 * null; the first one's does not, and is compiled each time.
 */
exports.load = (entry, findCache) => {
  const directory = dirname(entry);
  const modules = new Map();
  const cache = createCache(findCache);

  const requireFrom = (name) => {
    if (!name.startsWith('./')) return require(name);
    const known = modules.get(name);
    if (known) return known.exports;
    const module = { exports: {} };
    const filename = join(directory, name);
    const source = readFileSync(filename, 'utf8');
    const options = { filename, columnOffset: -before.length };
    const wrapped = `${before}${source}${after}`;
    const isKept = filename !== entry && source.length >= least;
    const script = isKept ? cache.compile(name, wrapped, options) : new Script(wrapped, options);
    const run = script.runInThisContext();
    modules.set(name, module);
    run(module.exports, requireFrom, module, filename);
    return module.exports;
  };
  return requireFrom(`./${basename(entry)}`);
};

/** When something was not in the cache yet, all scripts are put there at the end, with what they have run since. */
function createCache(findCache) {
  const scripts = new Map();
  /** Undefined until it is asked for, null when there is none. */
  let folder;
  let isComplete = true;

  /** V8 keeps code for its flags: they are set before it compiles any. */
  function open() {
    const { cachedDataVersionTag, setFlagsFromString } = require('node:v8');
    // undici's parser is WebAssembly, which V8 begins to optimise during the first requests, and it ends the process
    // only when that is done, 100 ms after a short command's last answer.
    setFlagsFromString('--wasm-tiering-budget=2147483647');
    folder = findCache();
    if (!folder) return;
    // V8 would run what was damaged on the disk, and crash.
    setFlagsFromString('--verify-snapshot-checksum');
    // Code for other flags, as NODE_OPTIONS may have some, is of no use, and would be written anew at every change.
    folder = join(folder, cachedDataVersionTag().toString(16));
    process.on('exit', () => isComplete || save());
  }

  function save() {
    try {
      for (const directory of [dirname(folder), folder]) {
        mkdirSync(directory, { recursive: true });
        removeOld(directory);
      }
      for (const [name, script] of scripts) replace(join(folder, name), script.createCachedData());
    } catch {
      // Without a cache everything works as well, more slowly.
    }
  }

  return {
    compile(name, source, options) {
      if (folder === undefined) open();
      if (!folder) return new Script(source, options);
      const script = new Script(source, { ...options, cachedData: read(join(folder, name)) });
      isComplete &&= script.cachedDataRejected === false;
      scripts.set(name, script);
      return script;
    },
  };
}

function removeOld(folder) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > keptFor) rmSync(file, { recursive: true, force: true });
  }
}

/** Writes a file that others read at the same time. Throws when that cannot be done, and leaves nothing behind. */
function replace(file, content) {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, content);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
