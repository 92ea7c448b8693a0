import { routes, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';

/** The command line by which another machine joins, and how to get it. */
export async function joinText(
  client: Client,
  { program }: CommandContext,
  roles: { worker: boolean; manager: boolean },
): Promise<string> {
  const [{ Swarm: membership }, { JoinTokens }] = await Promise.all([
    client.call(routes.info),
    client.call(swarmRoutes.swarmInspect),
  ]);
  const { ManagerStatus } = await client.call(swarmRoutes.nodeInspect, {
    path: { id: membership?.NodeID ?? '' },
  });
  if (!ManagerStatus) return '';
  const line = (token: string) =>
    `    ${program} swarm join --token ${token} ${ManagerStatus.Addr ?? ''}\n\n`;
  const intro = (role: string) => `To add a ${role} to this swarm, run the following command:\n\n`;
  return [
    ...(roles.worker ? [intro('worker'), line(JoinTokens.Worker)] : []),
    ...(roles.manager ? [intro('manager'), line(JoinTokens.Manager)] : []),
  ].join('');
}

/** The key that a locked manager is unlocked with. Throws CommandError when there is none. */
export async function unlockKey(client: Client): Promise<string> {
  const { UnlockKey } = await client.call(swarmRoutes.swarmUnlockKey);
  if (!UnlockKey) throw new CommandError('no unlock key is set');
  return UnlockKey;
}

export function unlockText(program: string, key: string): string {
  return (
    `To unlock a swarm manager after it restarts, run the \`${program} swarm unlock\`\n` +
    `command and provide the following key:\n\n    ${key}\n\n` +
    'Remember to store this key in a password manager, since without it you\n' +
    'will not be able to restart the manager.\n'
  );
}
