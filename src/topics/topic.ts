/** A word with what it means: an environment variable, a key, an exit code. */
export type Entry = readonly [term: string, text: string];

export interface Section {
  heading: string;
  /** Paragraphs. */
  text?: readonly string[];
  entries?: readonly Entry[];
  /** Lines that are shown as they stand. */
  code?: string;
}

/** What `davit help TOPIC` tells and the manual has a page of: written once for both. */
export interface Topic {
  /** One line without a full stop. */
  summary: string;
  sections: readonly Section[];
}
