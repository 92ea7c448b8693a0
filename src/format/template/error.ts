/** A template that cannot be parsed or executed; the message is Go's own. */
export class TemplateError extends Error {
  override name = 'TemplateError';
  /** Where in the template's text it went wrong, counted from 0; undefined when the place is not known. */
  readonly position: number | undefined;

  constructor(message: string, position?: number) {
    super(message);
    this.position = position;
  }
}
