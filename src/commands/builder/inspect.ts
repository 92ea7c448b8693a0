import { writeFile } from 'node:fs/promises';
import { atMost, defineCommand, flag } from '../command.ts';
import { inspectNames } from '../inspection.ts';
import { objectFormatFlag } from '../list-format.ts';
import { findBuild } from './builds.ts';

export default defineCommand({
  usage: '[OPTIONS] [BUILD]',
  summary: 'Show the steps of a build',
  description:
    'Shows of each step of a build, the latest one when none is named, whether it was known or done, how long it ' +
    'took and what it added. --timeline writes a page for the browser that shows when each step ran.',
  examples: [
    { command: 'builder inspect', explanation: 'What took the time' },
    { command: 'builder inspect --timeline build.html 1f6f', explanation: 'The same as a picture' },
  ],
  arguments: atMost(1),
  flags: {
    format: objectFormatFlag,
    timeline: flag.string({
      summary: 'Write a picture of the build to this file',
      value: 'FILE',
      default: '',
    }),
  },
  run: async ({ format, timeline }, [id = ''], context) => {
    const { out } = context.streams;
    const build = await findBuild(await context.connect(), id);
    if (timeline !== '') {
      const { timelinePage } = await import('../../format/timeline.ts');
      await writeFile(timeline, timelinePage(build));
      if (format === '') return 0;
    }
    if (format !== '') {
      const found = { raw: JSON.stringify(build), inspectable: { kind: 'build' } };
      await inspectNames([build.ID], format, async () => found, context);
      return 0;
    }
    const { buildText } = await import('../../format/build-text.ts');
    await out.write(await buildText(build, out));
    return 0;
  },
});
