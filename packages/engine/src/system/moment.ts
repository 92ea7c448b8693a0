import { EngineError } from '../errors.ts';

/** Reads a query's point in time, seconds of Unix time with a fraction ("1.5"), as nanoseconds; null when empty. */
export function parseMoment(name: string, text: string): bigint | null {
  if (text === '') return null;
  const [, sign = '', seconds, fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds === undefined) {
    throw new EngineError(
      'badParameter',
      `invalid value for ${name}: ${JSON.stringify(text)} is no Unix time`,
    );
  }
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign ? -nanoseconds : nanoseconds;
}
