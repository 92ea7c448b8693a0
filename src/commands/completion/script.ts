import { defineCommand, flag, noArguments } from '../command.ts';

/** The command that prints a shell's script; PROGRAM in it becomes the name the program was called by. */
export function completionCommand(shell: string, script: string, use: string) {
  return defineCommand({
    usage: '',
    summary: `Generate the autocompletion script for ${shell}`,
    description: 'Commands, flags and their values, and the names that the engine knows.',
    examples: [{ command: `completion ${shell}`, explanation: `Prints the script: ${use}` }],
    arguments: noArguments,
    flags: { noDescriptions: flag.boolean({ summary: 'Offer words alone', hidden: true }) },
    run: async ({ noDescriptions }, _args, { program, streams }) => {
      const ours = script.replaceAll('PROGRAM', program);
      await streams.out.write(noDescriptions ? ours.replaceAll('__complete', '__completeNoDesc') : ours);
      return 0;
    },
  });
}
