import { sprint, sprintln } from '../go/print.ts';
import { sprintf } from '../go/printf.ts';
import {
  anyType,
  bool,
  indirect,
  int,
  stringType,
  type Type,
  text,
  unwrap,
  type Value,
} from '../go/value.ts';
import { compareOrder, equalsAny } from './compare.ts';
import { indexInto, lengthOf, sliceOut } from './elements.ts';
import { escapeHtml, escapeJavaScript, escapeQuery } from './escape.ts';

/** A function by its name in templates. `null` as a parameter takes any value, even an invalid one. */
export interface TemplateFunction {
  readonly parameters: readonly (Type | null)[];
  readonly variadic?: boolean;
  /** `first` is the source of the first argument. Throws Error: `error calling NAME: message`. */
  call(args: (Value | null)[], first: string): Value | null;
}

export type Functions = Readonly<Record<string, TemplateFunction>>;

function variadic(
  parameters: (Type | null)[],
  call: (args: (Value | null)[]) => Value | null,
): TemplateFunction {
  return { parameters, variadic: true, call };
}

function printing(print: (args: (Value | null)[]) => string): TemplateFunction {
  return variadic([anyType], (args) => text(print(args.map(unwrap))));
}

function ordering(fits: (order: number) => boolean): TemplateFunction {
  return {
    parameters: [null, null],
    call: ([first = null, second = null]) => bool(fits(compareOrder(first, second))),
  };
}

/** Whether a value counts as true: not zero, not empty, not nil. */
export function isTrue(value: Value | null): boolean {
  if (value === null) return false;
  switch (value.kind) {
    case 'bool':
      return value.of;
    case 'int':
    case 'uint':
      return value.of !== 0n;
    case 'float':
      return value.of !== 0;
    case 'complex':
      return value.of.real !== 0 || value.of.imaginary !== 0;
    case 'string':
      return value.of !== '';
    case 'slice':
      return value.of !== null && value.of.length > 0;
    case 'map':
      return value.of !== null && value.of.size > 0;
    case 'struct':
      return true;
    default:
      return value.of !== null;
  }
}

/** The functions of Go's text/template. `and` and `or` are the executor's own, as they stop early. */
export const builtins: Functions = {
  and: variadic([null, null], ([first = null]) => first),
  or: variadic([null, null], ([first = null]) => first),
  not: { parameters: [null], call: ([value = null]) => bool(!isTrue(unwrap(value))) },
  call: {
    parameters: [null, null],
    variadic: true,
    call: ([callee = null], first) => {
      const inner = unwrap(callee);
      throw new Error(inner ? `non-function ${first} of type ${inner.type.name}` : 'call of nil');
    },
  },
  html: printing((args) => escapeHtml(plain(args))),
  js: printing((args) => escapeJavaScript(plain(args))),
  urlquery: printing((args) => escapeQuery(plain(args))),
  index: variadic([null, null], ([item = null, ...keys]) => indexInto(item, keys)),
  slice: variadic([null, null], ([item = null, ...bounds]) => sliceOut(item, bounds)),
  len: { parameters: [null], call: ([item = null]) => int(lengthOf(item)) },
  print: printing(sprint),
  println: printing(sprintln),
  printf: variadic([stringType, anyType], ([format = null, ...args]) =>
    text(sprintf(format?.kind === 'string' ? format.of : '', args.map(unwrap))),
  ),
  eq: variadic([null, null], ([first = null, ...others]) => bool(equalsAny(first, others))),
  ne: {
    parameters: [null, null],
    call: ([first = null, second = null]) => bool(!equalsAny(first, [second])),
  },
  lt: ordering((order) => order < 0),
  le: ordering((order) => order <= 0),
  gt: ordering((order) => order > 0),
  ge: ordering((order) => order >= 0),
};

/** The arguments of an escaping function as one text. */
function plain(args: (Value | null)[]): string {
  const [only] = args;
  if (args.length === 1 && only?.kind === 'string') return only.of;
  return sprint(args.map((arg) => (arg ? indirect(arg).value : text('<no value>'))));
}
