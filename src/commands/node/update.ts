import { swarmRoutes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { defineCommand, exactly, flag } from '../command.ts';
import { withManager } from '../swarm/manager.ts';
import { splitPair } from '../values.ts';

export default defineCommand({
  usage: '[OPTIONS] NODE',
  summary: 'Update a node',
  examples: [{ command: 'node update --availability drain box2', explanation: 'Move its tasks elsewhere' }],
  arguments: exactly(1),
  flags: {
    availability: flag.string({
      summary: 'Whether the node takes tasks: active, pause or drain',
      choices: ['active', 'pause', 'drain'],
    }),
    labelAdd: flag.list({ summary: 'Add or change a label, as key=value' }),
    labelRm: flag.list({ summary: 'Remove a label' }),
    role: flag.string({ summary: 'Role of the node: worker or manager', choices: ['worker', 'manager'] }),
  },
  run: (options, [name = ''], context) =>
    withManager(context, async (client) => {
      const { ID, Spec, Version } = await client.call(swarmRoutes.nodeInspect, { path: { id: name } });
      const labels = { ...Spec.Labels, ...Object.fromEntries(options.labelAdd.map(splitPair)) };
      for (const key of options.labelRm) {
        if (!Object.hasOwn(labels, key)) throw new CommandError(`key ${key} doesn't exist in node's labels`);
        delete labels[key];
      }
      const body = {
        ...Spec,
        Labels: labels,
        ...(options.role === undefined ? {} : { Role: options.role.toLowerCase() }),
        ...(options.availability === undefined ? {} : { Availability: options.availability.toLowerCase() }),
      };
      await client.call(swarmRoutes.nodeUpdate, {
        path: { id: ID },
        query: { version: Version.Index },
        body,
      });
      await context.streams.out.line(name);
      return 0;
    }),
});
