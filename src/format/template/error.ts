/** A template that cannot be parsed or executed; the message is Go's own. */
export class TemplateError extends Error {
  override name = 'TemplateError';
  readonly source: string;
  /** Where in the source it went wrong, counted from 0. */
  readonly position: number;

  constructor(message: string, source: string, position: number) {
    super(message);
    this.source = source;
    this.position = position;
  }
}
