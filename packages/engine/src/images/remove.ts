import type { ImageDeleteItem } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageStore } from '../state/images.ts';
import { findImage, isIdPrefix, storedName } from './lookup.ts';
import { familiarReference, parseReference, type Reference } from './reference.ts';

/** A container of an image. */
export interface ImageUser {
  id: string;
  running: boolean;
}

export interface Removal {
  images: ImageStore;
  containersUsing(imageId: string): ImageUser[];
  /** Takes a name away, and says so to the world. */
  untag(imageId: string, name: string): void;
  /** Removes an image that has no names any more; returns what else went with it. */
  delete(imageId: string): ImageDeleteItem[];
}

export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** Why an image cannot be deleted. */
interface Obstacle {
  /** Not even by force. */
  hard: boolean;
  /** A container of the image is in the way. */
  used: boolean;
  message: string;
}

/**
 * Removes what `name` stands for, by docker's rules: a name is taken away, and the image goes with its last
 * name; an ID takes the image with all its names, if they are in one repository. What containers use is in the
 * way: running ones always, others unless it is forced. Returns what was done, in order.
 */
export function removeImage(removal: Removal, name: string, force: boolean): ImageDeleteItem[] {
  const { images, containersUsing } = removal;
  const id = findImage(images, name);
  const references = () => images.namesOf(id).map(parseReference);
  const done: ImageDeleteItem[] = [];
  const untag = (reference: Reference) => {
    removal.untag(id, storedName(reference));
    done.push({ Untagged: familiarReference(reference) });
  };

  const byName = !isIdPrefix(id, name);
  if (byName) {
    const [user] = containersUsing(id);
    if (!force && user && isSingle(references())) {
      // Its image would be left without a name.
      throw new EngineError(
        'conflict',
        `conflict: unable to remove repository reference "${name}" (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(id)}`,
      );
    }
    const given = parseReference(storedName(parseReference(name)));
    untag(given);
    const inRepository = references().filter(
      ({ domain, path }) => domain === given.domain && path === given.path,
    );
    // Digests mean nothing to users once the last tag of their repository is gone.
    if (given.digest === '' && inRepository.every(({ digest }) => digest !== '')) inRepository.forEach(untag);
    if (references().length > 0) return done;
  } else if (isSingle(references())) {
    const obstacle = findObstacle(removal, id, force, false);
    if (obstacle) throw conflictOf(id, obstacle);
    references().forEach(untag);
  }

  const obstacle = findObstacle(removal, id, force, true);
  if (obstacle) {
    // The name that was asked for is gone; that the image stays for a container is no failure.
    if (byName && obstacle.used) return done;
    throw conflictOf(id, obstacle);
  }
  references().forEach(untag);
  return [...done, ...removal.delete(id)];
}

/** Whether an image has no more than one name, not counting digests in the same repository. */
function isSingle(references: Reference[]): boolean {
  const tags = references.filter(({ digest }) => digest === '');
  const digests = references.filter(({ digest }) => digest !== '');
  const [first = digests[0]] = tags;
  if (references.length <= 1) return true;
  return (
    tags.length <= 1 && digests.every(({ domain, path }) => domain === first?.domain && path === first.path)
  );
}

function findObstacle(removal: Removal, id: string, force: boolean, countNames: boolean): Obstacle | null {
  const users = removal.containersUsing(id);
  const running = users.find((user) => user.running);
  if (running) {
    const message = `image is being used by running container ${shortId(running.id)}`;
    return { hard: true, used: true, message };
  }
  if (force) return null;
  if (countNames && removal.images.namesOf(id).length > 0)
    return { hard: false, used: false, message: 'image is referenced in multiple repositories' };
  const [stopped] = users;
  if (!stopped) return null;
  return {
    hard: false,
    used: true,
    message: `image is being used by stopped container ${shortId(stopped.id)}`,
  };
}

function conflictOf(id: string, { hard, message }: Obstacle): EngineError {
  const how = hard ? 'cannot be forced' : 'must be forced';
  return new EngineError('conflict', `conflict: unable to delete ${shortId(id)} (${how}) - ${message}`);
}
