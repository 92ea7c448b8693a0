import { parseReference, type Reference, withDefaultTag } from '@davit/api';

/** The name of an image, `latest` where it says no version. Throws in docker's words when it is none. */
export const imageNamed = (text: string): Reference => withDefaultTag(parseReference(text));
