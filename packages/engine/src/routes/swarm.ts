import { EngineError } from '../errors.ts';
import type { AddRoute } from '../server/router.ts';

const resources = ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'] as const;

/** What an engine says that manages no swarm. */
export const noManager = (): EngineError =>
  new EngineError(
    'unavailable',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );

/** Asking for what only a swarm has is answered as by every docker engine that is in none. */
export function registerSwarmRoutes(add: AddRoute): void {
  for (const path of resources) {
    add({ method: 'GET', path, query: {}, body: { kind: 'none' }, answer: { kind: 'empty' } }, async () => {
      throw noManager();
    });
  }
}
