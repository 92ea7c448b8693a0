import { EngineError } from '../errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Report } from './load.ts';

const messageStep = 100;

/** Imports what a URL leads to, and tells how that goes on. Throws `badParameter` for what is no URL. */
export async function importFrom(
  registries: RegistryClient,
  { url: text, signal }: { url: string; signal: AbortSignal },
  take: (content: AsyncIterable<Buffer>, source: string) => Promise<string>,
  report: Report,
): Promise<string> {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new EngineError('badParameter', `cannot import from ${text}: it is no http or https URL`);
  await report({ status: `Downloading from ${url.href}` });
  return registries.fetch(url, signal, (answer) => {
    const total = Number(answer.headers['content-length'] ?? -1);
    async function* content() {
      let current = 0;
      let next = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        current += chunk.length;
        if (Date.now() >= next || current === total) {
          next = Date.now() + messageStep;
          await report({ status: 'Importing', progressDetail: { current, total } });
        }
        yield chunk;
      }
      if (total >= 0 && current !== total)
        throw new EngineError('internal', `${url?.href} broke off after ${current} of ${total} bytes`);
    }
    return take(content(), url.href);
  });
}
