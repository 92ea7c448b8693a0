import type { EventMessage, EventType } from '@davit/api';
import { now } from '../clock.ts';

export interface EventBus {
  /** Tells the world that something happened to the object `id`. */
  publish(type: EventType, action: string, id: string, attributes?: Record<string, string>): void;
  /** Calls `listener` for every event from now on; returns how to stop that. */
  subscribe(listener: (event: EventMessage) => void): () => void;
  /** What happened lately, oldest first. */
  history(): readonly EventMessage[];
  readonly listeners: number;
}

const remembered = 1024;

/** The engine's one event bus: services publish what they did, `GET /events` and the idle timer listen. */
export function createEventBus(): EventBus {
  const listeners = new Set<(event: EventMessage) => void>();
  const past: EventMessage[] = [];
  return {
    publish(type, action, id, attributes = {}) {
      const time = nextMoment();
      const event: EventMessage = {
        status: action,
        id,
        from: type === 'container' ? attributes.image : undefined,
        Type: type,
        Action: action,
        Actor: { ID: id, Attributes: attributes },
        scope: 'local',
        time: Number(time / 1_000_000_000n),
        timeNano: time,
      };
      past.push(event);
      if (past.length > remembered) past.shift();
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    history: () => past,
    get listeners() {
      return listeners.size;
    },
  };
}

let last = 0n;

/** Now, but never the same moment twice, so that events can be told apart and put in order. */
function nextMoment(): bigint {
  const moment = now();
  last = moment > last ? moment : last + 1n;
  return last;
}
