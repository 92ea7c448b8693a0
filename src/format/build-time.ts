const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const dayNames = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

/** A time of a build as C's asctime writes it, in the zone it was written in; what is no time stays as it is. */
export function describeBuildTime(text: string): string {
  const [, year, month, day, clock = ''] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (year === undefined) return text;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const shown = String(Number(day)).padStart(2);
  return `${dayNames[date.getUTCDay()]} ${monthNames[Number(month) - 1]} ${shown} ${clock} ${year}`;
}
