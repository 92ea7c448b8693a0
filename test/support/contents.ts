import type { Engine } from './engine.ts';
import { busyboxImage, dockerArchive } from './image.ts';

/** Loads the busybox image into an engine over its API. Throws when the engine refuses. */
export async function loadBusybox(engine: Engine): Promise<void> {
  const archive = await dockerArchive([await busyboxImage()]);
  const { status, body } = await engine.request('POST', '/images/load?quiet=1', archive);
  if (status !== 200) throw new Error(`busybox was not loaded: ${body}`);
}

/** Removes all containers of an engine with their anonymous volumes, also running ones. Throws when one is left. */
export async function removeContainers(engine: Pick<Engine, 'request'>): Promise<void> {
  const { body } = await engine.request('GET', '/containers/json?all=1');
  const removals = (JSON.parse(body) as { Id: string }[]).map(async ({ Id }) => {
    const answer = await engine.request('DELETE', `/containers/${Id}?force=1&v=1`);
    if (answer.status !== 204) throw new Error(`${Id} was not removed: ${answer.body}`);
  });
  await Promise.all(removals);
}
