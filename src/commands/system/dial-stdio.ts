import { pipeline } from 'node:stream/promises';
import { defineCommand, noArguments } from '../command.ts';

export default defineCommand({
  usage: '',
  summary: 'Connect standard input and output to the engine',
  description: 'What ssh:// runs on the other machine: bytes go to the engine and come back as they are.',
  arguments: noArguments,
  flags: {},
  run: async (_options, _args, context) => {
    const connection = await context.dial();
    const { in: input, out } = context.streams;
    // Whoever is at the other end may send no more and still wait for an answer.
    const sending = pipeline(input.stream, connection, { end: true }).catch(() => undefined);
    for await (const chunk of connection) await out.write(chunk as Buffer);
    connection.destroy();
    await sending;
    return 0;
  },
});
