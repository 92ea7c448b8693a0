// Leaves out of undici's client what an engine is never spoken to with. Loading HTTP/2 (which brings TLS) and
// node:http for two constants would take longer than everything else that `davit ps` loads.
const stubs = {
  'h2.js': 'module.exports = () => { throw new Error("HTTP/2 is not supported") };',
  'node:http': 'module.exports = { maxHeaderSize: 16384, IncomingMessage: class {} };',
};

/** A plugin for esbuild. */
export const leanUndici = {
  name: 'lean-undici',
  setup(build) {
    const stub = (path) => ({ path, namespace: 'lean-undici' });
    const within = /[\\/]undici[\\/]lib[\\/]/;
    build.onResolve({ filter: /client-h2\.js$/ }, ({ importer }) =>
      within.test(importer) ? stub('h2.js') : undefined,
    );
    build.onResolve({ filter: /^node:http$/ }, ({ importer }) =>
      within.test(importer) ? stub('node:http') : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lean-undici' }, ({ path }) => ({ contents: stubs[path] }));
  },
};
