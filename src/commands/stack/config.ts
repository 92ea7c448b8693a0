import { defineCommand, flag, noArguments } from '../command.ts';
import { printCompose } from './compose/print.ts';
import { composeFileFlag, readCompose } from './files.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Outputs the final config file, after doing merges and interpolations',
  description:
    'Reads compose files, puts them over each other, fills variables in, and prints what comes of it. No engine is ' +
    'asked.',
  examples: [
    {
      command: 'stack config -c compose.yml -c production.yml',
      explanation: 'Two files, and what they come to',
    },
  ],
  arguments: noArguments,
  flags: {
    composeFile: composeFileFlag,
    skipInterpolation: flag.boolean({ summary: 'Leave variables as they are' }),
  },
  run: async ({ composeFile, skipInterpolation }, _args, context) => {
    const file = await readCompose(composeFile, context, { skipInterpolation });
    await context.streams.out.write(printCompose(file));
    return 0;
  },
});
