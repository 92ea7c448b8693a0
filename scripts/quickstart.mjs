// npm run quickstart: from a fresh checkout on a fresh Debian machine to a web page served from a container.
import { main, runShown, SetupError, setUp } from './setup.mjs';

main(() => {
  const { node, obstacle } = setUp('quickstart');
  if (obstacle) throw new SetupError(`The quickstart cannot run containers here: ${obstacle}`);
  return runShown(node, ['scripts/tour.ts']);
});
