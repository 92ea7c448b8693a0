import { ApiError } from '@davit/api';
import { CommandError } from '../exit.ts';

/**
 * Asks for something that only davit's engine has. Throws CommandError with `otherwise` when an engine does not know
 * the route; that an object is not there, which begins with `missing`, is told as it is.
 */
export async function askDavit<T>(
  ask: () => Promise<T>,
  { otherwise, missing }: { otherwise: string; missing?: string },
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isUnknown = error instanceof ApiError && error.status === 404;
    if (!isUnknown || (missing && error.message.startsWith(missing))) throw error;
    throw new CommandError(otherwise, 1, { cause: error });
  }
}
