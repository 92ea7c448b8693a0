// What keeps the start of the client short, as plugins for esbuild.
import { readFile } from 'node:fs/promises';

const stubFor = (test, stub) => ({ test, stub });

/**
 * Parts of undici's client that an engine is never spoken to with, or that cost more to load than they are worth:
 * HTTP/2 brings TLS along, node:http is there for two constants and node:assert for one function, and of the two
 * builds of its parser the one that runs on every CPU is enough.
 */
const undiciStubs = [
  stubFor(/client-h2\.js$/, 'module.exports = () => { throw new Error("HTTP/2 is not supported") };'),
  stubFor(/llhttp_simd-wasm\.js$/, 'throw new Error("left out");'),
  stubFor(/^node:http$/, 'module.exports = { maxHeaderSize: 16384, IncomingMessage: class {} };'),
  stubFor(
    /^node:assert$/,
    'module.exports = (holds) => { if (!holds) throw new Error("undici: assertion failed") };',
  ),
];

export const leanUndici = {
  name: 'lean-undici',
  setup(build) {
    const namespace = 'lean-undici';
    for (const { test, stub } of undiciStubs) {
      build.onResolve({ filter: test }, ({ importer }) =>
        /[\\/]undici[\\/]lib[\\/]/.test(importer) ? { path: stub, namespace } : undefined,
      );
    }
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: path }));
  },
};

/**
 * Node's own modules, loaded when something of them is first used. An `import` of one reads all that it exports,
 * and with that loads every module it keeps for later: readline for node:fs, all of the Web Crypto API for
 * node:crypto. Every importer has a stand-in of its own with the names that occur in it, or the bundler would make
 * a file of each module.
 */
export const leanBuiltins = {
  name: 'lean-builtins',
  setup(build) {
    const namespace = 'lean-builtins';
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => ({
      path: `${path} for ${importer}`,
      namespace,
      pluginData: { path, importer },
    }));
    build.onLoad({ filter: /.*/, namespace }, async ({ pluginData: { path, importer } }) => {
      const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
      const builtin = process.getBuiltinModule(path);
      if (typeof builtin !== 'object') return { contents: `module.exports = ${load};` };
      const words = new Set((await readFile(importer, 'utf8')).match(/[\w$]+/g));
      const getters = Object.keys(builtin)
        .filter((name) => words.has(name))
        .map((name) => `get ${name}() { return ${load}.${name}; }`);
      return { contents: `module.exports = { ${getters.join(', ')} };` };
    });
  },
};
