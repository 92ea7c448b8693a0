/** A JSON object of which nothing is known. */
export type Values = Record<string, unknown>;

/** The value where it is an object with keys, else an empty one. */
export function objectOf(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}
