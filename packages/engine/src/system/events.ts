import type { EventMessage, Filters } from '@davit/api';
import { parseMoment } from '../clock.ts';
import { EngineError } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import { matchesFilters } from './filter.ts';

export interface EventQuery {
  since: string;
  until: string;
  filters: Filters;
}

/** A reader this far behind is not coming back: its connection is ended rather than the engine's memory filled. */
const longestQueue = 65_536;

/** Checks a query and opens its stream: what happened since then, and what happens until then or `signal`. */
export function openEvents(
  bus: EventBus,
  query: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<EventMessage> {
  const since = parseMoment('since', query.since);
  const until = parseMoment('until', query.until);
  if (until !== null && until < (since ?? 0n)) {
    throw new EngineError(
      'badParameter',
      `\`since\` time (${query.since}) cannot be after \`until\` time (${query.until})`,
    );
  }
  const wanted = (event: EventMessage) =>
    (since === null || event.timeNano >= since) &&
    (until === null || event.timeNano <= until) &&
    matchesFilters(query.filters, event);
  const past = since === null && until === null ? [] : bus.history().filter(wanted);
  return follow(bus, past, wanted, until, signal);
}

async function* follow(
  bus: EventBus,
  past: EventMessage[],
  wanted: (event: EventMessage) => boolean,
  until: bigint | null,
  signal: AbortSignal,
): AsyncGenerator<EventMessage> {
  const queue = [...past];
  let wake = () => {};
  const unsubscribe = bus.subscribe((event) => {
    if (!wanted(event)) return;
    queue.push(event);
    wake();
  });
  const end = endOf(until, signal, () => wake());
  try {
    while (true) {
      for (let event = queue.shift(); event; event = queue.shift()) {
        if (queue.length > longestQueue) throw new EngineError('unavailable', 'the events are not read');
        yield event;
      }
      if (end.reached()) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    unsubscribe();
    end.forget();
  }
}

/** Longest time that a timer of Node's can be set to. */
const longestTimer = 2 ** 31 - 1;

/** The end of a stream of events: a point in time, or the client's departure. */
function endOf(until: bigint | null, signal: AbortSignal, onEnd: () => void) {
  const left = () => (until === null ? Number.POSITIVE_INFINITY : Number(until / 1_000_000n) - Date.now());
  let timer: NodeJS.Timeout | undefined;
  // A timer can be early by a millisecond, and cannot be set for longer than some weeks: then it is set again.
  const check = () => {
    if (left() < 0) onEnd();
    else if (until !== null) timer = setTimeout(check, Math.min(left() + 1, longestTimer));
  };
  check();
  signal.addEventListener('abort', onEnd);
  return {
    reached: () => signal.aborted || left() < 0,
    forget: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onEnd);
    },
  };
}

// TypeScript does not know it yet; it is how digits that no number holds get into JSON.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): object };

/**
 * An event as dockerd writes it: the old fields only for containers and images, attributes in the order of their
 * names, the time in all its digits.
 */
export function encodeEvent(event: EventMessage): object {
  const { Type, Action, Actor, scope, time } = event;
  const old = Type === 'container' || Type === 'image' ? { status: Action, id: Actor.ID } : {};
  const from = Type === 'container' && event.from ? { from: event.from } : {};
  const names = Object.keys(Actor.Attributes).sort();
  const Attributes = Object.fromEntries(names.map((name) => [name, Actor.Attributes[name]]));
  const timeNano = rawJSON(String(event.timeNano));
  return { ...old, ...from, Type, Action, Actor: { ID: Actor.ID, Attributes }, scope, time, timeNano };
}
