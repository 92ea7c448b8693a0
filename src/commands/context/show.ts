import { defineCommand, noArguments } from '../command.ts';

export default defineCommand({
  usage: '',
  summary: 'Print the name of the current context',
  examples: [{ command: 'context show', explanation: 'For a prompt, say' }],
  arguments: noArguments,
  flags: {},
  run: async (_options, _args, context) => {
    await context.streams.out.line(context.contextName);
    return 0;
  },
});
