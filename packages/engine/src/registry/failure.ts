import { EngineError, type ErrorKind } from '../errors.ts';
import { parseChallenges } from './challenge.ts';
import { type HttpAnswer, readBody } from './http.ts';

/** What a registry says is wrong, by the codes of the distribution specification: `MANIFEST_UNKNOWN`. */
export class RegistryError extends EngineError {
  override name = 'RegistryError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(kinds[status] ?? 'internal', message);
    this.status = status;
    this.code = code;
  }
}

const kinds: Record<number, ErrorKind> = { 404: 'notFound' };
const longestError = 64 * 1024;
const longestMessage = 1000;
const words: Record<string, string> = {
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
};

/** The words of a server for a terminal: one line, of a bearable length. */
function readable(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

/** Reads what a registry has refused. The answer's body is used up. */
export async function failureIn(answer: HttpAnswer): Promise<RegistryError> {
  const { status, statusText } = answer;
  const text = await readBody(answer, longestError).then(String, () => '');
  const known = errorIn(text);
  const error = (code: string, message: string) =>
    new RegistryError(status, code, `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`);
  // docker's hub gives a token to everybody, and says with the answer that it is not enough.
  const challenges = parseChallenges(answer.headers['www-authenticate']);
  if (challenges.some(({ parameters }) => parameters.error === 'insufficient_scope'))
    return error('DENIED', words.DENIED ?? '');
  if (known) return error(known.code, known.message || words[known.code] || known.code.toLowerCase());
  if (status === 401) return error('UNAUTHORIZED', words.UNAUTHORIZED ?? '');
  if (status === 403) return error('DENIED', words.DENIED ?? '');
  return new RegistryError(status, '', `received unexpected HTTP status: ${readable(statusText)}`);
}

function errorIn(text: string): { code: string; message: string } | null {
  try {
    const body = JSON.parse(text);
    // Token servers say it in their own ways.
    const first = body?.errors?.[0] ?? body;
    const message = [first?.message, body?.details, body?.error_description].find(
      (one) => typeof one === 'string',
    );
    const code = typeof first?.code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(first.code) ? first.code : '';
    return code === '' ? null : { code, message: typeof message === 'string' ? readable(message) : '' };
  } catch {
    return null;
  }
}
