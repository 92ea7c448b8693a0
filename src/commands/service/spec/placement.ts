/** Reads one value of a placement preference, `spread=NODE-LABEL`. Throws Error in docker's words. */
export function parsePreference(text: string): string {
  const [, strategy, label = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (strategy === undefined) {
    throw new Error('placement preference must be of the format "<strategy>=<arg>"');
  }
  if (strategy !== 'spread') {
    throw new Error(`unsupported placement preference ${strategy} (only spread is supported)`);
  }
  return label;
}

/** What the API has for a preference. */
export const spreadOver = (label: string) => ({ Spread: { SpreadDescriptor: label } });
