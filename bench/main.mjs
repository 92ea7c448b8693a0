// npm run bench -- [--rows run,exec] [--rounds 10] [--tools davit,docker,podman]
import { main, runShown, SetupError, setUp } from '../scripts/setup.mjs';

main(() => {
  const { node, obstacle } = setUp('test');
  if (obstacle) throw new SetupError(`The benchmarks cannot run containers here: ${obstacle}`);
  return runShown(node, ['bench/bench.ts', ...process.argv.slice(2)]);
});
