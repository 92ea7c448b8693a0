import { atLeast, defineCommand, flag } from '../command.ts';
import { imagesFor, inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';
import { platformJson } from '../platform.ts';

export default defineCommand({
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Display detailed information on one or more images',
  examples: [
    { command: "image inspect -f '{{json .Config.Env}}' busybox", explanation: 'The variables it sets' },
  ],
  arguments: atLeast(1),
  flags: {
    format: objectFormatFlag,
    platform: flag.string({
      summary: 'Show the image for this platform, as linux/arm64',
      since: '1.49',
      default: '',
    }),
  },
  run: async ({ format, platform }, names, context) => {
    const client = await context.connect();
    const images = imagesFor(platform && platformJson(platform));
    const find = async (name: string) => ({
      raw: await images.read(client, name, false),
      inspectable: images,
    });
    await inspectNames(names, format, find, context);
    return 0;
  },
});
