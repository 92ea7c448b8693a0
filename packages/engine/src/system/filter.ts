import type { EventMessage, Filters } from '@davit/api';

/** Whether an event is one that the filters of `GET /events` ask for: all names must match, of each any value. */
export function matchesFilters(filters: Filters, event: EventMessage): boolean {
  return Object.entries(filters).every(
    ([name, values]) => values.length === 0 || values.some((value) => matches(name, value, event)),
  );
}

const withDetail = ['exec_create', 'exec_start', 'health_status'];

function matches(name: string, value: string, event: EventMessage): boolean {
  const { ID, Attributes } = event.Actor;
  switch (name) {
    case 'type':
      return event.Type === value;
    case 'scope':
      return event.scope === value;
    case 'event':
      // Their actions carry more than their name: "exec_create: ls -l".
      return event.Action === value || (withDetail.includes(value) && event.Action.startsWith(`${value}:`));
    case 'label':
      return matchesLabel(value, Attributes);
    case 'image':
      return imageNames(event).includes(value);
    case 'container':
    case 'network':
    case 'volume':
    case 'daemon':
    case 'plugin':
      return event.Type === name && (ID.startsWith(value) || (Attributes.name ?? '').startsWith(value));
    default:
      // Names that are known to nobody select nothing out, as with dockerd.
      return true;
  }
}

function matchesLabel(label: string, attributes: Record<string, string>): boolean {
  const [key = '', ...rest] = label.split('=');
  return key in attributes && (rest.length === 0 || attributes[key] === rest.join('='));
}

/** What an event's image goes by: that of an image event itself, or the one that a container was made of. */
function imageNames({ Type, Actor }: EventMessage): string[] {
  const name = Actor.Attributes[Type === 'image' ? 'name' : 'image'] ?? '';
  return [Actor.ID, name, withoutTag(Actor.ID), withoutTag(name)];
}

function withoutTag(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
