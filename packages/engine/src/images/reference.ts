import * as api from '@davit/api';
import { EngineError } from '../errors.ts';

export {
  familiarName,
  familiarReference,
  formatReference,
  type Reference,
  withDefaultTag,
} from '@davit/api';

/** Reads names and digests as the contract has them. What is none is the fault of whoever sent it: `badParameter`. */
function checked<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof api.InvalidReference)) throw error;
      throw new EngineError('badParameter', error.message, { cause: error });
    }
  };
}

export const parseReference = checked(api.parseReference);
export const checkDigest = checked(api.checkDigest);

/** The name that an image is to be given. Throws `badParameter`. */
export function newName(repository: string, tag: string): api.Reference {
  const reference = parseReference(tag === '' ? repository : `${repository}:${tag}`);
  if (reference.digest !== '')
    throw new EngineError('badParameter', 'refusing to create a tag with a digest reference');
  if (api.familiarName(reference) === 'sha256')
    throw new EngineError(
      'badParameter',
      'refusing to create an ambiguous tag using digest algorithm as name',
    );
  return api.withDefaultTag(reference);
}
