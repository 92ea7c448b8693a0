import { ApiError, routes } from '@davit/api';
import { CommandError, describeError } from '../../exit.ts';
import { atLeast, defineCommand, flag } from '../command.ts';
import { forEachName } from '../each.ts';

export default defineCommand({
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Remove one or more containers',
  description:
    'Removes stopped containers, with --force running ones too. Named volumes stay; --volumes removes those ' +
    'without a name that belong to the containers.',
  examples: [
    { command: 'rm web', explanation: 'Remove a container that has stopped' },
    { command: 'rm -f $(davit ps -aq)', explanation: 'Remove all containers' },
  ],
  arguments: atLeast(1),
  flags: {
    force: flag.boolean({ short: 'f', summary: 'Kill and remove a running container as well' }),
    link: flag.boolean({ short: 'l', summary: 'Remove the link of this name' }),
    volumes: flag.boolean({ short: 'v', summary: 'Remove volumes without a name that belong to it' }),
  },
  run: async ({ force, link, volumes }, names, context) => {
    const { out, err } = context.streams;
    const client = await context.connect();
    const query = { v: volumes, link, force };
    const remove = async (typed: string) => {
      const name = typed.replace(/^\/+|\/+$/g, '');
      if (name === '') throw new CommandError('container name cannot be empty');
      try {
        await client.call(routes.containerRemove, { path: { name }, query });
        return true;
      } catch (error) {
        if (!force || !(error instanceof ApiError) || error.status !== 404) throw error;
        await err.line(describeError(error));
        return false;
      }
    };
    await forEachName(names, remove, { out });
    return 0;
  },
});
