import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';

export default defineCommand({
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Update a volume (cluster volumes only)',
  examples: [
    { command: 'volume update --availability drain data', explanation: 'Take it away from all tasks' },
  ],
  arguments: exactly(1),
  flags: {
    availability: flag.string({
      summary: 'Whether tasks may use it: active, pause or drain',
      choices: ['active', 'pause', 'drain'],
      since: '1.42',
    }),
  },
  run: async ({ availability }, [name = ''], context) => {
    const client = await context.connect();
    const { ClusterVolume } = await client.call(routes.volumeInspect, { path: { name } });
    if (!ClusterVolume) throw new CommandError('can only update cluster volumes');
    await client.call(routes.volumeUpdate, {
      path: { name },
      query: { version: ClusterVolume.Version?.Index ?? 0 },
      body: {
        Spec: { ...ClusterVolume.Spec, ...(availability !== undefined && { Availability: availability }) },
      },
    });
    return 0;
  },
});
