import { atLeast, defineCommand, flag } from '../command.ts';
import { images, inspectNames } from '../inspection.ts';

export default defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Display detailed information on one or more images',
  examples: [
    { command: "image inspect -f '{{json .Config.Env}}' busybox", explanation: 'The variables it sets' },
  ],
  arguments: atLeast(1),
  flags: {
    format: flag.string({ short: 'f', summary: 'Print in this way: json, or TEMPLATE', default: '' }),
  },
  run: async ({ format }, names, context) => {
    const client = await context.connect();
    const find = async (name: string) => ({
      raw: await images.read(client, name, false),
      inspectable: images,
    });
    await inspectNames(names, format, find, context);
    return 0;
  },
});
