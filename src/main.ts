import { basename } from 'node:path';
import { versionLine } from './version.ts';

/** What davit calls itself: `docker` when it is invoked through a link of that name. */
const program = basename(process.argv[1] ?? '') === 'docker' ? 'docker' : 'davit';
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  // The one command that shells run at every prompt: it loads nothing.
  process.stdout.write(`${versionLine(program)}\n`);
} else {
  const [{ runCommandLine }, { processStreams }, { processInterruption }] = await Promise.all([
    import('./dispatch.ts'),
    import('./terminal/streams.ts'),
    import('./terminal/interruption.ts'),
  ]);
  const streams = processStreams();
  const code = await runCommandLine(args, {
    program,
    streams,
    environment: process.env,
    interruption: processInterruption,
  });
  // Standard input may still be open, and idle connections too: nothing of that is waited for.
  await Promise.all([streams.out.flushed(), streams.err.flushed()]);
  process.exit(code);
}
