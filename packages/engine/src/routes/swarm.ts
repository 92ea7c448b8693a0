import { EngineError } from '../errors.ts';
import type { AddRoute } from '../server/router.ts';

const lists = ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'] as const;
const kinds = ['nodes', 'services', 'tasks', 'secrets', 'configs'] as const;

/** What an engine says that manages no swarm. */
export const noManager = (): EngineError =>
  new EngineError(
    'unavailable',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );

/** Asking for what only a swarm has is answered as by every docker engine that is in none. */
export function registerSwarmRoutes(add: AddRoute): void {
  const refuse = (method: 'GET' | 'POST' | 'DELETE', path: `/${string}`) =>
    add({ method, path, query: {}, body: { kind: 'none' }, answer: { kind: 'empty' } }, async () => {
      throw noManager();
    });
  for (const path of lists) refuse('GET', path);
  for (const kind of kinds) {
    refuse('GET', `/${kind}/{id}`);
    if (kind === 'tasks') continue;
    refuse('DELETE', `/${kind}/{id}`);
    refuse('POST', `/${kind}/{id}/update`);
    if (kind !== 'nodes') refuse('POST', `/${kind}/create`);
  }
  for (const kind of ['services', 'tasks']) refuse('GET', `/${kind}/{id}/logs`);
}
