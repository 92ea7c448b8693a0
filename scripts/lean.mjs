// What keeps the start of the client short, as plugins for the bundler.
import { readFile } from 'node:fs/promises';

/**
 * Parts of undici's client that an engine is never spoken to with, or that cost more to load than they are worth:
 * HTTP/2 brings TLS along, node:http is there for two constants and node:assert for one function, and of the two
 * builds of its parser the one that runs on every CPU is enough.
 */
const undiciStubs = [
  { of: /client-h2\.js$/, stub: 'module.exports = () => { throw new Error("HTTP/2 is not supported") };' },
  { of: /llhttp_simd-wasm\.js$/, stub: 'throw new Error("left out");' },
  { of: /^node:http$/, stub: 'module.exports = { maxHeaderSize: 16384, IncomingMessage: class {} };' },
  {
    of: /^node:assert$/,
    stub: 'module.exports = (holds) => { if (!holds) throw new Error("undici: assertion failed") };',
  },
];

export const leanUndici = standIns('undici', (path, importer) =>
  /[\\/]undici[\\/]lib[\\/]/.test(importer) ? undiciStubs.find(({ of }) => of.test(path))?.stub : undefined,
);

/**
 * Node's own modules, loaded when something of them is first used. An `import` of one reads all that it exports,
 * and with that loads every module it keeps for later: readline for node:fs, all of the Web Crypto API for
 * node:crypto. Every importer has a stand-in of its own with the names that occur in it, or the bundler would make
 * a file of each module.
 */
export const leanBuiltins = standIns('builtins', async (path, importer) => {
  if (!path.startsWith('node:')) return undefined;
  const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
  const builtin = process.getBuiltinModule(path);
  if (typeof builtin !== 'object') return `module.exports = ${load};`;
  const words = new Set((await readFile(importer, 'utf8')).match(/[\w$]+/g));
  const getters = Object.keys(builtin)
    .filter((name) => words.has(name))
    .map((name) => `get ${name}() { return ${load}.${name}; }`);
  return `module.exports = { ${getters.join(', ')} };`;
});

/** A plugin that puts a text of `textFor` in the place of a module that a file imports. */
function standIns(name, textFor) {
  const mark = `\0${name}:`;
  const texts = new Map();
  return {
    name: `lean-${name}`,
    async resolveId(path, importer) {
      if (!importer || importer.startsWith('\0')) return null;
      const text = await textFor(path, importer);
      if (text === undefined) return null;
      const id = `${mark}${path} for ${importer}`;
      texts.set(id, text);
      return id;
    },
    load: (id) => (texts.has(id) ? { code: texts.get(id), moduleType: 'js' } : null),
  };
}
