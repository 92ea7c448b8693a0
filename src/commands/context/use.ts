import { defineCommand, exactly } from '../command.ts';
import { keepCurrentContext } from './current.ts';
import { checkContextName } from './names.ts';
import { storeOf } from './source.ts';

export default defineCommand({
  usage: 'CONTEXT',
  summary: 'Set the current docker context',
  description:
    'Keeps it in config.json, for davit and docker. `default` goes back to DOCKER_HOST or the bundled engine.',
  examples: [
    { command: 'context use box', explanation: 'From now on commands go to that engine' },
    { command: 'context use default', explanation: 'Back home' },
  ],
  arguments: exactly(1),
  flags: {},
  run: async (_options, [name = ''], context) => {
    const { out, err } = context.streams;
    if (name !== 'default') {
      checkContextName(name);
      storeOf(context).read(name);
    }
    keepCurrentContext(context.config.directory, name);
    await out.line(name);
    await err.line(`Current context is now "${name}"`);
    if (name !== 'default' && context.environment.DOCKER_HOST) {
      await err.line(
        `Warning: DOCKER_HOST environment variable overrides the active context. To use "${name}", either set the ` +
          'global --context flag, or unset DOCKER_HOST environment variable.',
      );
    }
    return 0;
  },
});
