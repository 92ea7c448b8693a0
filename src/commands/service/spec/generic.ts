import type { GenericResource } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { splitPair } from '../../values.ts';

/** Checks one value of --generic-resource. Throws Error in docker's words. */
export function checkGenericResource(text: string): string {
  if (/^[^=]+=/.test(text)) return text;
  throw new Error(`invalid generic-resource format \`${text}\` expected \`name=value\``);
}

/** Reads values of --generic-resource, `KIND=NUMBER`. Throws CommandError in docker's words. */
export function genericResources(texts: readonly string[]): GenericResource[] {
  return texts.map((text) => {
    const [kind, value] = splitPair(text);
    if (/^[+-]?\d+$/.test(value)) return { DiscreteResourceSpec: { Kind: kind, Value: Number(value) } };
    throw new CommandError(
      `invalid generic-resource request \`${text}\`, Named Generic Resources is not supported for service create or update`,
    );
  });
}

const kindOf = ({ DiscreteResourceSpec, NamedResourceSpec }: GenericResource) =>
  DiscreteResourceSpec?.Kind ?? NamedResourceSpec?.Kind ?? '';

/** Resources without those of the kinds in `remove`, and with those of `add` in the place of others of their kind. */
export function changeGenericResources(
  before: readonly GenericResource[],
  add: readonly string[],
  remove: readonly string[],
): GenericResource[] {
  const added = genericResources(add);
  const kinds = new Set(added.map(kindOf));
  const left = [...before.filter((one) => !kinds.has(kindOf(one))), ...added];
  for (const kind of remove) {
    if (!left.some((one) => kindOf(one) === kind)) {
      throw new CommandError(`could not find generic-resource \`${kind}\` to remove it`);
    }
  }
  return left.filter((one) => !remove.includes(kindOf(one)));
}
