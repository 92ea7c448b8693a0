/** Words of one side that another has others for: the folder of its engine, and that in which lines are typed. */
export type Places = Readonly<Record<string, string>>;

const id = /(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9A-Za-z])/g;
const duration = /(?:Less than a|About an?|\b\d+) (?:second|minute|hour|day|week|month|year)s?\b/g;
const replacements: [RegExp, string][] = [
  [/\b(?!0001-)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: [A-Z]{3,4})?)/g, '<time>'],
  [/(?<=[0-9\]:]:)(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|6[0-5]\d{3})\b/g, '<port>'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
  [/\b(?:172\.\d+|10\.\d+|192\.168)\.\d+\.\d+\b/g, '<address>'],
];

/** What docker's client sometimes says of a copy that the engine has refused, depending on who is faster. */
const race = /^time="[^"]*" level=error msg="Can't (?:add file|close tar writer).*\n/gm;

/** Sentences of an engine begin with capitals in some versions of dockerd and with small letters in others. */
function lowerSentences(line: string): string {
  return line.replace(/(?<=: )[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
}

/**
 * A function that takes what differs by chance out of texts: IDs become numbers in the order of their appearance
 * (the same for its short form), and times, durations, addresses and ports words.
 */
export function normaliser(places: Places): (text: string) => string {
  const numbers = new Map<string, number>();
  const number = (found: string) => {
    const key = found.slice(0, 12);
    if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
    return `<${found.length === 12 ? 'id' : 'ID'} ${numbers.get(key)}>`;
  };
  return (given) => {
    let text = given.replace(race, '').replace(/^.*Error response from daemon: .*$/gm, lowerSentences);
    for (const [word, place] of Object.entries(places)) text = text.replaceAll(place, `<${word}>`);
    for (const [pattern, word] of replacements) text = text.replace(pattern, word);
    const timeless = text.replace(duration, '<while>');
    // A column is as wide as what stands in it.
    if (timeless !== text) text = timeless.replace(/ {2,}/g, '  ').replace(/ +$/gm, '');
    return text.replace(id, number);
  };
}
