// npm run compare [-- LANE...]: types everyday lines with davit and with docker, and shows where they differ.
import { main, runShown, SetupError, setUp } from './setup.mjs';

main(() => {
  const { node, obstacle } = setUp('test');
  if (obstacle) throw new SetupError(`Nothing can be compared here: ${obstacle}`);
  return runShown(node, ['test/side-by-side/main.ts', ...process.argv.slice(2)]);
});
