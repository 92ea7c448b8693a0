import { ApiError, QueryError, ShapeError } from '@davit/api';
import { EngineError, type ErrorKind, messageOf } from '../errors.ts';

const statuses: Record<ErrorKind, number> = {
  badParameter: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  notModified: 304,
  unavailable: 503,
  internal: 500,
};

/** What a client is told about something that was thrown. */
export interface Failure {
  status: number;
  message: string;
  /** Nobody threw it on purpose: it belongs into the log with its stack. */
  unexpected: boolean;
}

/** Finds status and message for anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError)
    return { status: statuses[error.kind], message: error.message, unexpected: false };
  if (error instanceof ApiError) return { status: error.status, message: error.message, unexpected: false };
  if (error instanceof QueryError) return { status: 400, message: error.message, unexpected: false };
  if (error instanceof ShapeError)
    return { status: 400, message: `invalid JSON: ${error.message}`, unexpected: false };
  return { status: 500, message: messageOf(error), unexpected: true };
}
