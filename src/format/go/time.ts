import { DecodeError } from './decode.ts';
import {
  type Clock,
  clockOf,
  dayOfYear,
  days,
  describeDuration,
  describeMoment,
  formatMoment,
  type Moment,
  months,
  parseRfc3339,
  split,
} from './moment.ts';
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

const zeroTime: Moment = { nanoseconds: -62135596800n * 1_000_000_000n, offset: 0, zone: 'UTC' };

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
