/** A word of the API with a capital letter, as lists and texts show it. */
export const capitalized = (text = ''): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A time of the API as texts for people show it: `2026-11-25 11:37:21.84683 +0000 utc`. */
export const goTime = (time: string): string =>
  time.replace(
    /^(\S+)T([\d:]+)(?:\.(\d*?)0*)?Z$/,
    (_, date, clock, fraction) => `${date} ${clock}${fraction ? `.${fraction}` : ''} +0000 utc`,
  );

/** Labels below a heading, sorted by name; nothing when there are none. */
export function labelLines(labels: Record<string, string> | null | undefined): string[] {
  const lines = Object.entries(labels ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => ` - ${name}${value === '' ? '' : `=${value}`}`);
  return lines.length > 0 ? ['Labels:', ...lines] : [];
}
