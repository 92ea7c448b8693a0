import { documentPath, readDocument, writeDocument } from '../../config/document.ts';

/** Keeps the name of the context to be used in config.json; `default` is what is used when there is none in it. */
export function keepCurrentContext(directory: string, name: string): void {
  const path = documentPath(directory);
  const { currentContext = 'default', ...values } = readDocument(path);
  if (currentContext === name) return;
  writeDocument(path, { auths: {}, ...values, ...(name !== 'default' && { currentContext: name }) });
}
