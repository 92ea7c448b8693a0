import { swarmRoutes } from '@davit/api';
import { atLeast, defineCommand } from '../command.ts';
import { withManager } from '../swarm/manager.ts';

interface RoleChange {
  verb: string;
  role: 'manager' | 'worker';
  summary: string;
  /** What is said of a node that has changed. */
  done(name: string): string;
}

/** The commands that give nodes another role, one node after the other. */
export const roleCommand = ({ verb, role, summary, done }: RoleChange) =>
  defineCommand({
    usage: 'NODE [NODE...]',
    summary,
    examples: [{ command: `node ${verb} box2`, explanation: `Make it a ${role}` }],
    arguments: atLeast(1),
    flags: {},
    run: (_options, names, context) =>
      withManager(context, async (client) => {
        const { out } = context.streams;
        for (const name of names) {
          const { ID, Spec, Version } = await client.call(swarmRoutes.nodeInspect, { path: { id: name } });
          if (Spec.Role === role) {
            await out.line(`Node ${ID} is already a ${role}.`);
            continue;
          }
          const body = { ...Spec, Role: role };
          await client.call(swarmRoutes.nodeUpdate, {
            path: { id: ID },
            query: { version: Version.Index },
            body,
          });
          await out.line(done(name));
        }
        return 0;
      }),
  });
