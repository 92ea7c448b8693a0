import { basename } from 'node:path';
import { versionLine } from './version.ts';

/** What davit calls itself: `docker` when it is invoked through a link of that name. */
const program = basename(process.argv[1] ?? '') === 'docker' ? 'docker' : 'davit';
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  // Scripts ask for it all the time: nothing else is loaded.
  process.stdout.write(`${versionLine(program)}\n`);
} else {
  import('./dispatch.ts').then(({ runProcess }) => runProcess(program, args));
}
