/** A moment as Go's time.Time: nanoseconds since 1970 and the offset of its zone. */
export interface Moment {
  readonly nanoseconds: bigint;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** The zone's abbreviation; its offset when it has none. */
  readonly zone: string;
}

const second = 1_000_000_000n;

/** Seconds and the rest, rounded down. */
export function split(nanoseconds: bigint): { seconds: number; rest: number } {
  const rest = ((nanoseconds % second) + second) % second;
  return { seconds: Number((nanoseconds - rest) / second), rest: Number(rest) };
}

function offsetText(offset: number, colon: string): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}${colon}${String(minutes % 60).padStart(2, '0')}`;
}

/** Reads RFC 3339, with any number of digits after the second; null when a text is none. */
export function parseRfc3339(source: string): Moment | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:(Z)|([+-])(\d\d):(\d\d))$/.exec(
    source,
  );
  if (!match) return null;
  const [, year, month, day, hour, minute, whole, fraction = '', utc, sign, hours, minutes] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(whole));
  const size = utc ? 0 : Number(hours) * 3600 + Number(minutes) * 60;
  const offset = sign === '-' ? -size : size;
  const nanoseconds =
    BigInt(date.getTime() / 1000 - offset) * second + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return { nanoseconds, offset, zone: utc || offset === 0 ? 'UTC' : offsetText(offset, '') };
}

export const months =
  'January February March April May June July August September October November December'.split(' ');
export const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

export interface Clock {
  date: Date;
  rest: number;
  moment: Moment;
}

/** The parts of Go's layouts, longer ones first where one begins as another. */
const layoutPart =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|-07:00|-0700|-07|[.,](?:0+|9+)(?!\d)|01|02|03|04|05|06|002|15|PM|pm|_2|[1-5]/g;

const two = (value: number) => String(value).padStart(2, '0');
const twelve = (hour: number) => hour % 12 || 12;

function part(name: string, { date, rest, moment }: Clock): string {
  const hour = date.getUTCHours();
  switch (name) {
    case 'January':
      return months[date.getUTCMonth()] ?? '';
    case 'Jan':
      return (months[date.getUTCMonth()] ?? '').slice(0, 3);
    case 'Monday':
      return days[date.getUTCDay()] ?? '';
    case 'Mon':
      return (days[date.getUTCDay()] ?? '').slice(0, 3);
    case 'MST':
      return moment.zone;
    case '2006':
      return String(date.getUTCFullYear()).padStart(4, '0');
    case '06':
      return two(date.getUTCFullYear() % 100);
    case '01':
      return two(date.getUTCMonth() + 1);
    case '1':
      return String(date.getUTCMonth() + 1);
    case '02':
      return two(date.getUTCDate());
    case '_2':
      return String(date.getUTCDate()).padStart(2);
    case '2':
      return String(date.getUTCDate());
    case '002':
      return String(dayOfYear(date)).padStart(3, '0');
    case '15':
      return two(hour);
    case '03':
      return two(twelve(hour));
    case '3':
      return String(twelve(hour));
    case '04':
      return two(date.getUTCMinutes());
    case '4':
      return String(date.getUTCMinutes());
    case '05':
      return two(date.getUTCSeconds());
    case '5':
      return String(date.getUTCSeconds());
    case 'PM':
      return hour < 12 ? 'AM' : 'PM';
    case 'pm':
      return hour < 12 ? 'am' : 'pm';
    case 'Z07:00':
    case 'Z0700':
      return moment.offset === 0 ? 'Z' : offsetText(moment.offset, name === 'Z0700' ? '' : ':');
    case '-07:00':
      return offsetText(moment.offset, ':');
    case '-0700':
      return offsetText(moment.offset, '');
    case '-07':
      return offsetText(moment.offset, '').slice(0, 3);
    default: {
      const digits = String(rest)
        .padStart(9, '0')
        .slice(0, name.length - 1);
      if (name[1] === '0') return (name[0] ?? '.') + digits;
      const shown = digits.replace(/0+$/, '');
      return shown === '' ? '' : (name[0] ?? '.') + shown;
    }
  }
}

/** A moment's parts on the clock of its zone. */
export function clockOf(moment: Moment): Clock {
  const { seconds, rest } = split(moment.nanoseconds);
  return { date: new Date((seconds + moment.offset) * 1000), rest, moment };
}

export function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

/** A moment in one of Go's layouts, such as `2006-01-02 15:04:05`. */
export function formatMoment(moment: Moment, layout: string): string {
  const clock = clockOf(moment);
  return layout.replace(layoutPart, (name) => part(name, clock));
}

/** A moment as Go's Time.String writes it. */
export function describeMoment(moment: Moment): string {
  return formatMoment(moment, '2006-01-02 15:04:05.999999999 -0700 MST');
}

/** A duration as Go writes it: `1h0m5.5s`. */
export function describeDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [unit, length] of [
    ['ns', 1n],
    ['µs', 1_000n],
    ['ms', 1_000_000n],
  ] as const) {
    if (size < length * 1000n) return sign + fraction(size, length) + unit;
  }
  const minutes = size / (60n * second);
  const rest = `${fraction(size % (60n * second), second)}s`;
  if (minutes === 0n) return sign + rest;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${rest}`;
}

function fraction(size: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const rest = digits
    ? String(size % unit)
        .padStart(digits, '0')
        .replace(/0+$/, '')
    : '';
  return `${size / unit}${rest ? `.${rest}` : ''}`;
}
