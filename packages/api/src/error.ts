/** The body of every failed request. */
export interface ErrorBody {
  message: string;
}

/** A request that the engine answered with an error: its HTTP status and its own words. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
