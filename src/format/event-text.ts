import type { EventMessage } from '@davit/api';

/** A time in nanoseconds as RFC 3339 with nine digits, in the zone here. */
export function nanosecondTime(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const seconds = Number(nanoseconds / second);
  const offset = -new Date(seconds * 1000).getTimezoneOffset();
  const [local = ''] = new Date((seconds + offset * 60) * 1000).toISOString().split('.');
  const fraction = String(nanoseconds % second).padStart(9, '0');
  return `${local}.${fraction}${zone(offset)}`;
}

function zone(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.trunc(size / 60))}:${digits(size % 60)}`;
}

/** An event for people: when, what, which one, and what else is known of it. */
export function eventText(raw: string): string {
  const event = JSON.parse(raw) as EventMessage;
  const exact = /"timeNano":(\d+)/.exec(raw)?.[1];
  const nanoseconds = exact ? BigInt(exact) : BigInt(event.time ?? 0) * 1_000_000_000n;
  const when = nanoseconds === 0n ? '' : `${nanosecondTime(nanoseconds)} `;
  const attributes = Object.entries(event.Actor?.Attributes ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const more = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `${when}${event.Type} ${event.Action} ${event.Actor?.ID ?? ''}${more}\n`;
}
