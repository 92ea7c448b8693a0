import { DecodeError } from './decode.ts';
import {
  bool,
  float,
  int,
  int64Type,
  type Method,
  makeValue,
  stringType,
  type Type,
  text,
  type Value,
} from './value.ts';

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
function split(nanoseconds: bigint): { seconds: number; rest: number } {
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

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

interface Clock {
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

function clockOf(moment: Moment): Clock {
  const { seconds, rest } = split(moment.nanoseconds);
  return { date: new Date((seconds + moment.offset) * 1000), rest, moment };
}

function dayOfYear(date: Date): number {
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

const zeroTime: Moment = { nanoseconds: -62135596800n * second, offset: 0, zone: 'UTC' };

/** The moments behind values of type time.Time. */
const moments = new WeakMap<object, Moment>();

function momentOf(value: Value): Moment {
  return moments.get(value) ?? zeroTime;
}

/** A moment in Go syntax. */
function momentSyntax(moment: Moment): string {
  const { date, rest } = clockOf(moment);
  const day = [date.getUTCFullYear(), `time.${months[date.getUTCMonth()]}`, date.getUTCDate()];
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), rest];
  return `time.Date(${[...day, ...clock].join(', ')}, ${moment.zone === 'UTC' ? 'time.UTC' : 'time.Location("")'})`;
}

/** A method that takes another time. */
function relating(relate: (one: bigint, other: bigint) => Value): Method {
  return {
    parameters: [comparableTime],
    call: (receiver, [other]) =>
      relate(momentOf(receiver).nanoseconds, (other ? momentOf(other) : zeroTime).nanoseconds),
  };
}

function reading(read: (clock: Clock) => Value): Method {
  return { parameters: [], call: (receiver) => read(clockOf(momentOf(receiver))) };
}

const wholeInt64 = (value: bigint) => makeValue(int64Type, value);
const monthType: Type = {
  kind: 'int',
  name: 'time.Month',
  describe: (value) => (value.kind === 'int' ? (months[Number(value.of) - 1] ?? '') : ''),
};
const weekdayType: Type = {
  kind: 'int',
  name: 'time.Weekday',
  describe: (value) => (value.kind === 'int' ? (days[Number(value.of)] ?? '') : ''),
};

/** Go's time.Duration. */
export const durationType: Type = {
  kind: 'int',
  name: 'time.Duration',
  describe: (value) => (value.kind === 'int' ? describeDuration(value.of) : ''),
  methods: {
    String: ofDuration((length) => text(describeDuration(length))),
    Hours: ofDuration((length) => float(Number(length) / 3600e9)),
    Minutes: ofDuration((length) => float(Number(length) / 60e9)),
    Seconds: ofDuration((length) => float(Number(length) / 1e9)),
    Milliseconds: ofDuration((length) => wholeInt64(length / 1_000_000n)),
    Nanoseconds: ofDuration((length) => wholeInt64(length)),
  },
};

function ofDuration(read: (length: bigint) => Value): Method {
  return { parameters: [], call: (value) => read(value.kind === 'int' ? value.of : 0n) };
}

/** The type of times as a parameter: the methods of the type itself would refer to it before it is there. */
const comparableTime: Type = { kind: 'struct', name: 'time.Time' };

/** Go's time.Time, with the methods that templates use. */
export const timeType: Type = {
  kind: 'struct',
  name: 'time.Time',
  fields: [],
  describe: (value) => describeMoment(momentOf(value)),
  syntax: (value) => momentSyntax(momentOf(value)),
  encode: (value) => `"${formatMoment(momentOf(value), '2006-01-02T15:04:05.999999999Z07:00')}"`,
  decode: (json) => {
    const moment = typeof json === 'string' ? parseRfc3339(json) : null;
    if (!moment) throw new DecodeError('cannot unmarshal into Go value of type time.Time');
    return timeValue(moment);
  },
  methods: {
    Format: {
      parameters: [stringType],
      call: (receiver, [layout]) =>
        text(formatMoment(momentOf(receiver), layout?.kind === 'string' ? layout.of : '')),
    },
    String: reading(({ moment }) => text(describeMoment(moment))),
    IsZero: reading(({ moment }) => bool(moment.nanoseconds === zeroTime.nanoseconds)),
    Sub: relating((one, other) => makeValue(durationType, one - other)),
    Before: relating((one, other) => bool(one < other)),
    After: relating((one, other) => bool(one > other)),
    Equal: relating((one, other) => bool(one === other)),
    UTC: reading(({ moment }) => timeValue({ ...moment, offset: 0, zone: 'UTC' })),
    Unix: reading(({ moment }) => wholeInt64(BigInt(split(moment.nanoseconds).seconds))),
    UnixMilli: reading(({ moment }) => wholeInt64(moment.nanoseconds / 1_000_000n)),
    UnixNano: reading(({ moment }) => wholeInt64(moment.nanoseconds)),
    Year: reading(({ date }) => int(date.getUTCFullYear())),
    Month: reading(({ date }) => makeValue(monthType, BigInt(date.getUTCMonth() + 1))),
    Day: reading(({ date }) => int(date.getUTCDate())),
    Weekday: reading(({ date }) => makeValue(weekdayType, BigInt(date.getUTCDay()))),
    YearDay: reading(({ date }) => int(dayOfYear(date))),
    Hour: reading(({ date }) => int(date.getUTCHours())),
    Minute: reading(({ date }) => int(date.getUTCMinutes())),
    Second: reading(({ date }) => int(date.getUTCSeconds())),
    Nanosecond: reading(({ rest }) => int(rest)),
  },
};

/** A value of type time.Time. */
export function timeValue(moment: Moment): Value {
  const value = makeValue(timeType, {});
  moments.set(value, moment);
  return value;
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
