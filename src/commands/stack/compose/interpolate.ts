import { CommandError } from '../../../exit.ts';
import { isMapping, type Shape, type Value } from './shape.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const variable = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)(?:(:?[-?])([^}]*))?\}|)/gi;

/**
 * Fills the variables of one text in: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?why}` and
 * `${NAME?why}`; `$$` is a dollar sign. Throws Error with what is wrong.
 */
function fillIn(text: string, environment: Environment): string {
  return text.replace(
    variable,
    (match: string, escaped?: string, plain?: string, name?: string, sign?: string, rest = '') => {
      if (escaped) return '$';
      if (plain !== undefined) return environment[plain] ?? '';
      if (name === undefined) throw new Error(match === '$' ? text : match);
      const value = environment[name];
      const isThere = sign?.startsWith(':') ? Boolean(value) : value !== undefined;
      if (sign?.endsWith('-') && !isThere) return rest;
      if (sign?.endsWith('?') && !isThere) {
        throw new Error(`required variable ${name} is missing a value: ${rest}`);
      }
      return value ?? '';
    },
  );
}

function fillText(text: string, shape: Shape | undefined, path: string, environment: Environment): Value {
  let filled: string;
  try {
    filled = fillIn(text, environment);
  } catch (error) {
    const shown = JSON.stringify(error instanceof Error ? error.message : String(error));
    throw new CommandError(
      `invalid interpolation format for ${path}: ${shown}; you may need to escape any $ with another $`,
      1,
      { cause: error },
    );
  }
  if (filled === text || !shape?.cast) return filled;
  try {
    return shape.cast(filled);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`error while interpolating ${path}: failed to cast to expected type: ${why}`, 1, {
      cause: error,
    });
  }
}

/** Fills the variables of all texts in a value in, and gives what comes of them the type that it should have. */
export function interpolate(
  value: Value,
  shape: Shape | undefined,
  path: string,
  environment: Environment,
): Value {
  if (typeof value === 'string') return fillText(value, shape, path, environment);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      interpolate(item, shape?.below(String(index)), `${path}.[]`, environment),
    );
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      interpolate(item, shape?.below(key), `${path}.${key}`, environment),
    ]),
  );
}
