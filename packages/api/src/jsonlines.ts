/** One message of a progress stream (load, import, pull, push, build). */
export interface ProgressMessage {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  /** `hidecounts`: the bar alone is shown, without its numbers. */
  progressDetail?: { current?: number; total?: number; units?: string; hidecounts?: boolean };
  error?: string;
  errorDetail?: { code?: number; message: string };
  aux?: unknown;
}

/** A stream of JSON values that is broken, or holds a value larger than any real one. */
export class JsonLinesError extends Error {
  override name = 'JsonLinesError';
}

const longestLine = 16 * 1024 * 1024;

/** One message as it is sent: dockerd ends the lines of its progress streams with CR LF. */
export function encodeJsonLine(message: unknown): string {
  return `${JSON.stringify(message)}\r\n`;
}

/** Decodes a stream of JSON values, one a line, as it arrives. Throws JsonLinesError. */
export async function* decodeJsonLines<T>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new JsonLinesError('a message of the stream is too long');
    for (const line of lines) if (line.trim() !== '') yield parseLine<T>(line);
  }
  if (rest.trim() !== '') yield parseLine<T>(rest);
}

function parseLine<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new JsonLinesError(`not a JSON message: ${JSON.stringify(line.slice(0, 80))}`);
  }
}
