const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** A number with this many significant digits, as C's `%.4g` writes it. */
function significant(value: number, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  const bare = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (value !== 0 && (power < -4 || power >= digits)) {
    return `${bare(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return bare(value.toFixed(Math.max(digits - 1 - power, 0)));
}

function scaled(size: number, base: number, units: string[]): { value: number; unit: string } {
  let value = size;
  let at = 0;
  while (value >= base && at < units.length - 1) {
    value /= base;
    at++;
  }
  return { value, unit: units[at] ?? '' };
}

/** A size in powers of 1000, such as `1.99MB`. */
export function humanSize(size: number, digits = 4): string {
  const { value, unit } = scaled(size, 1000, decimalUnits);
  return significant(value, digits) + unit;
}

/** A size in powers of 1024, such as `23.54GiB`. */
export function binarySize(size: number): string {
  const { value, unit } = scaled(size, 1024, binaryUnits);
  return significant(value, 4) + unit;
}

const counted = (count: number, unit: string) => `${count} ${unit}`;

/** A duration in words, such as `About an hour`; the argument is in seconds. */
export function humanDuration(duration: number): string {
  const seconds = Math.trunc(duration);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return counted(seconds, 'seconds');
  const minutes = Math.trunc(duration / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return counted(minutes, 'minutes');
  const hours = Math.trunc(duration / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return counted(hours, 'hours');
  if (hours < 24 * 7 * 2) return counted(Math.trunc(hours / 24), 'days');
  if (hours < 24 * 30 * 2) return counted(Math.trunc(hours / 24 / 7), 'weeks');
  if (hours < 24 * 365 * 2) return counted(Math.trunc(hours / 24 / 30), 'months');
  return counted(Math.trunc(duration / 3600 / 24 / 365), 'years');
}

/** Nanoseconds as Go writes a duration: `1m30s`. */
export function goDuration(nanoseconds = 0): string {
  if (nanoseconds < 0) return `-${goDuration(-nanoseconds)}`;
  if (nanoseconds < 1e9) {
    if (nanoseconds === 0) return '0s';
    const [unit, size] = nanoseconds < 1e3 ? ['ns', 1] : nanoseconds < 1e6 ? ['µs', 1e3] : ['ms', 1e6];
    return `${nanoseconds / Number(size)}${unit}`;
  }
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor(nanoseconds / 60e9) % 60;
  const seconds = (nanoseconds % 60e9) / 1e9;
  return `${hours > 0 ? `${hours}h` : ''}${hours + minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}

/** How long ago a moment in RFC 3339 was, such as `2 hours ago`; empty when there was none. */
export function timeAgo(time: string | null, now: Date): string {
  return time ? `${humanDuration((now.getTime() - Date.parse(time)) / 1000)} ago` : '';
}
