/** One word that may stand where the cursor is. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** What a shell is to do besides; the numbers are those of the protocol that docker's scripts speak too. */
export const directives = { none: 0, noSpace: 2, noFiles: 4, directories: 16 } as const;

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** A sum of directives. */
  readonly directive: number;
}

/** Nothing, and no files either. */
export const nothing: Completion = { candidates: [], directive: directives.noFiles };

/** The names of files. */
export const files: Completion = { candidates: [], directive: directives.none };

/** The names of folders. */
export const folders: Completion = { candidates: [], directive: directives.directories };

/** These words and nothing else. */
export function words(list: readonly (string | Candidate)[], directive = 0): Completion {
  return {
    candidates: list.map((one) => (typeof one === 'string' ? { word: one } : one)),
    directive: directives.noFiles | directive,
  };
}

/** The answer as text: a candidate a line, with its description after a tab, and the directive. */
export function formatCompletion({ candidates, directive }: Completion, typed: string): string {
  const fitting = candidates.filter(({ word }) => word.startsWith(typed));
  const lines = fitting.map(({ word, description = '' }) => {
    const oneLine = description.replace(/\s+/g, ' ').trim();
    return oneLine === '' ? word : `${word}\t${oneLine}`;
  });
  return [...lines, `:${directive}`, ''].join('\n');
}
