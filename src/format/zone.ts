import { readFileSync } from 'node:fs';
import { describeMoment } from './go/moment.ts';

/** A period of a zone's history: from when on it holds, how far east of UTC it is, what it is called. */
interface Period {
  from: number;
  offset: number;
  name: string;
}

/**
 * Reads the periods of a compiled zone (TZif), the oldest first. Only its 32-bit part is read, which every file has
 * or leaves empty, and its 64-bit part after that.
 */
function readPeriods(file: Buffer): Period[] {
  if (file.toString('latin1', 0, 4) !== 'TZif') return [];
  const first = readPart(file, 0, 4);
  const isNewer = (file[4] ?? 0) >= 0x32;
  return (isNewer ? readPart(file, first.end, 8) : first).periods;
}

function readPart(file: Buffer, start: number, size: 4 | 8): { periods: Period[]; end: number } {
  const count = (index: number) => file.readUInt32BE(start + 20 + index * 4);
  const [isUtc, isStandard, leaps, times, types, letters] = [0, 1, 2, 3, 4, 5].map(count) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const timesAt = start + 44;
  const indexesAt = timesAt + times * size;
  const typesAt = indexesAt + times;
  const lettersAt = typesAt + types * 6;
  const period = (index: number, from: number): Period => {
    const at = typesAt + index * 6;
    const nameAt = lettersAt + (file[at + 5] ?? 0);
    return {
      from,
      offset: file.readInt32BE(at),
      name: file.toString('latin1', nameAt, file.indexOf(0, nameAt)),
    };
  };
  const periods = Array.from({ length: times }, (_none, index) => {
    const at = timesAt + index * size;
    const from = size === 8 ? Number(file.readBigInt64BE(at)) : file.readInt32BE(at);
    return period(file[indexesAt + index] ?? 0, from);
  });
  if (types > 0) periods.unshift(period(0, Number.NEGATIVE_INFINITY));
  const end = lettersAt + letters + leaps * (size + 4) + isStandard + isUtc;
  return { periods, end };
}

let localPeriods: Period[] | undefined;

function periodsHere(): Period[] {
  if (localPeriods) return localPeriods;
  const zone = process.env.TZ?.replace(/^:/, '');
  const path = zone ? (zone.startsWith('/') ? zone : `/usr/share/zoneinfo/${zone}`) : '/etc/localtime';
  try {
    localPeriods = readPeriods(readFileSync(path));
  } catch {
    localPeriods = [];
  }
  return localPeriods;
}

/** The abbreviation of the zone here at a time, such as `CET`; null when this machine has no name for it. */
function zoneName(seconds: number, offset: number): string | null {
  // The offset is right even where a file ends before the time: the name is that of the last period with it.
  const fits = (period: Period) => period.from <= seconds && period.offset === offset;
  return periodsHere().findLast(fits)?.name ?? null;
}

/** A time in Unix seconds as docker shows times: `2025-11-25 07:29:37 +0000 UTC`, in the zone here. */
export function localTime(seconds: number): string {
  const offset = -new Date(seconds * 1000).getTimezoneOffset() * 60;
  const size = Math.abs(offset);
  const digits = `${String(Math.trunc(size / 3600)).padStart(2, '0')}${String(Math.trunc((size % 3600) / 60)).padStart(2, '0')}`;
  const numeric = `${offset < 0 ? '-' : '+'}${digits}`;
  const zone = zoneName(seconds, offset) ?? (offset === 0 ? 'UTC' : numeric);
  return describeMoment({ nanoseconds: BigInt(Math.trunc(seconds)) * 1_000_000_000n, offset, zone });
}
