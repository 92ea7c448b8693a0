import {
  bool,
  boolType,
  complexType,
  findField,
  float,
  indirect,
  int,
  isAssignable,
  type Method,
  makeValue,
  pointerTo,
  type Type,
  text,
  type Value,
  zeroOf,
} from '../go/value.ts';
import { type Functions, isTrue } from './functions.ts';
import {
  type AnyNode,
  type Command,
  type Constant,
  describeNode,
  type Operand,
  type Pipeline,
} from './nodes.ts';

/** Variables in scope, the innermost last. */
export type Variables = { name: string; value: Value | null }[];

interface EvaluatorContext {
  functions: Functions;
  missingKey: 'default' | 'error';
  /** Told of every node before it is evaluated: errors name it. */
  enter(node: AnyNode): void;
  fail(message: string): never;
}

/** The value that a pipeline hands to its next command; undefined: there is none. */
type Final = Value | null | undefined;

interface Callable {
  readonly parameters: readonly (Type | null)[];
  readonly variadic?: boolean;
}

type Evaluate = (dot: Value | null, pipeline: Pipeline, variables: Variables) => Value | null;

/** Makes the function that evaluates pipelines. Values may be null: Go's invalid value, shown as `<no value>`. */
export function createEvaluator({ functions, missingKey, enter, fail }: EvaluatorContext): Evaluate {
  function pipeline(dot: Value | null, node: Pipeline, variables: Variables): Value | null {
    enter(node);
    let value: Final;
    for (const one of node.commands) {
      value = command(dot, one, value, variables);
      if (value?.kind === 'interface') value = value.of;
    }
    const result = value ?? null;
    for (const name of node.variables) {
      const existing = node.assigns ? variables.findLast((variable) => variable.name === name) : undefined;
      if (existing) existing.value = result;
      else variables.push({ name, value: result });
    }
    return result;
  }

  function command(dot: Value | null, node: Command, final: Final, variables: Variables): Value | null {
    const [first, ...args] = node.operands;
    if (!first) return fail('empty command');
    switch (first.kind) {
      case 'field':
        enter(first);
        return fields(dot, dot, first, first.names, args, final, variables);
      case 'chain':
        return chain(dot, first, args, final, variables);
      case 'identifier':
        return callFunction(dot, first, node, args, final, variables);
      case 'pipeline':
        refuseArguments(first, args, final);
        return pipeline(dot, first, variables);
      case 'variable':
        return variable(dot, first, args, final, variables);
    }
    enter(first);
    refuseArguments(first, args, final);
    switch (first.kind) {
      case 'bool':
        return bool(first.of);
      case 'dot':
        return dot;
      case 'nil':
        return fail('nil is not a command');
      case 'number':
        return constantValue(first.constant, first.text);
      default:
        return text(first.of);
    }
  }

  function refuseArguments(first: Operand, args: Operand[], final: Final): void {
    if (args.length > 0 || final !== undefined) {
      fail(`can't give argument to non-function ${describeNode(first)}`);
    }
  }

  function constantValue(constant: Constant, source: string): Value {
    const plain = !/^[+-]?0x/i.test(source) && !source.startsWith("'");
    if (constant.complex) return makeValue(complexType, constant.complex);
    if (constant.float !== undefined && plain && /[.eEpP]/.test(source)) return float(constant.float);
    if (constant.integer !== undefined) return int(constant.integer);
    if (constant.unsigned !== undefined) return fail(`${source} overflows int`);
    return float(constant.float ?? 0);
  }

  function variable(
    dot: Value | null,
    node: Extract<Operand, { kind: 'field' | 'variable' }>,
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    enter(node);
    const [name = '$', ...names] = node.names;
    const found = variables.findLast((one) => one.name === name);
    if (!found) return fail(`undefined variable: ${name}`);
    if (names.length > 0) return fields(dot, found.value, node, names, args, final, variables);
    refuseArguments(node, args, final);
    return found.value;
  }

  function chain(
    dot: Value | null,
    node: Extract<Operand, { kind: 'chain' }>,
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    enter(node);
    const receiver = argument(dot, null, node.node, variables);
    return fields(dot, receiver, node, node.names, args, final, variables);
  }

  /** Follows `.A.B.C`; arguments belong to the last of them. */
  function fields(
    dot: Value | null,
    receiver: Value | null,
    node: Operand,
    names: readonly string[],
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    let at = receiver;
    for (const [index, name] of names.entries()) {
      const last = index === names.length - 1;
      at = field(dot, name, node, last ? args : [], last ? final : undefined, at, variables);
    }
    return at;
  }

  function field(
    dot: Value | null,
    name: string,
    node: Operand,
    args: Operand[],
    final: Final,
    receiver: Value | null,
    variables: Variables,
  ): Value | null {
    if (receiver === null) {
      if (missingKey === 'error') fail(`nil data; no entry for key ${JSON.stringify(name)}`);
      return null;
    }
    const typeName = receiver.type.name;
    const { value, isNil } = indirect(receiver);
    if (isNil && value.kind === 'interface') fail(`nil pointer evaluating ${typeName}.${name}`);
    const method = methodOf(receiver, value, name);
    if (method) {
      const call = (values: (Value | null)[]) => method.call(value, values);
      return invoke(dot, method, call, node, name, args, final, variables);
    }
    const hasArguments = args.length > 0 || final !== undefined;
    if (value.kind === 'struct') {
      const found = promoted(value, name);
      if (found) {
        if (hasArguments) fail(`${name} has arguments but cannot be invoked as function`);
        return found;
      }
    } else if (value.kind === 'map' && (value.type.key?.name ?? 'string') === 'string') {
      if (hasArguments) fail(`${name} is not a method but has arguments`);
      const found = value.of?.get(name);
      if (!found && missingKey === 'error') fail(`map has no entry for key ${JSON.stringify(name)}`);
      return found ?? null;
    } else if (value.kind === 'pointer' && value.type.element && findField(value.type.element, name)) {
      fail(`nil pointer evaluating ${typeName}.${name}`);
    }
    return fail(`can't evaluate field ${name} in type ${typeName}`);
  }

  /** A struct's field, also of the structs embedded in it; undefined when it has none of this name. */
  function promoted(value: Value, name: string): Value | undefined {
    const found = findField(value.type, name);
    if (!found) return undefined;
    let at: Value = value;
    for (const step of found.path) {
      const { value: holder, isNil } = indirect(at);
      if (isNil) fail(`nil pointer evaluating ${value.type.name}.${name}`);
      at = (holder.kind === 'struct' && holder.of[step]) || zeroOf(found.field.type);
    }
    return at;
  }

  function callFunction(
    dot: Value | null,
    node: Extract<Operand, { kind: 'identifier' }>,
    shown: Command | Operand,
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    enter(node);
    const { name } = node;
    const found = functions[name];
    if (!found) return fail(`${JSON.stringify(name)} is not a defined function`);
    const source = args[0] ? describeNode(args[0]) : describeFinal(final);
    return invoke(dot, found, (values) => found.call(values, source), shown, name, args, final, variables);
  }

  function invoke(
    dot: Value | null,
    callable: Callable,
    call: (values: (Value | null)[]) => Value | null,
    node: AnyNode,
    name: string,
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    const { parameters } = callable;
    const given = args.length + (final === undefined ? 0 : 1);
    const fixed = callable.variadic ? parameters.length - 1 : parameters.length;
    if (callable.variadic ? given < fixed : given !== fixed) {
      const wanted = callable.variadic ? `at least ${fixed}` : `${fixed}`;
      const counted = callable.variadic ? args.length : given;
      fail(`wrong number of args for ${name}: want ${wanted} got ${counted}`);
    }
    const typeAt = (index: number) => parameters[Math.min(index, parameters.length - 1)] ?? null;
    if (functions[name] === callable && (name === 'and' || name === 'or')) {
      return shortCircuit(name, dot, args, final, variables);
    }
    const values = args.map((arg, index) => argument(dot, typeAt(index), arg, variables));
    if (final !== undefined) values.push(validate(final, typeAt(args.length)));
    try {
      return call(values);
    } catch (error) {
      enter(node);
      return fail(`error calling ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** `and` and `or` evaluate their arguments only up to the one that decides. */
  function shortCircuit(
    name: 'and' | 'or',
    dot: Value | null,
    args: Operand[],
    final: Final,
    variables: Variables,
  ): Value | null {
    let value: Value | null = null;
    for (const arg of args) {
      value = argument(dot, null, arg, variables);
      const inner = value?.kind === 'interface' ? value.of : value;
      if (isTrue(inner) === (name === 'or')) return value;
    }
    return final === undefined ? value : final;
  }

  /** Fits a value to the type that a parameter has; null takes all. */
  function validate(value: Value | null, type: Type | null): Value | null {
    if (value === null) {
      if (type === null || canBeNil(type)) return type ? zeroOf(type) : null;
      return fail(`invalid value; expected ${type.name}`);
    }
    if (type === null || isAssignable(value.type, type)) return value;
    if (value.kind === 'interface' && value.of && isAssignable(value.of.type, type)) return value.of;
    const held = value.kind === 'interface' && value.of ? value.of : value;
    if (held.kind === 'pointer' && held.type.element && isAssignable(held.type.element, type)) {
      return held.of ?? fail(`dereference of nil pointer of type ${type.name}`);
    }
    return fail(`wrong type for value; expected ${type.name}; got ${held.type.name}`);
  }

  function argument(dot: Value | null, type: Type | null, node: Operand, variables: Variables): Value | null {
    enter(node);
    switch (node.kind) {
      case 'dot':
        return validate(dot, type);
      case 'nil':
        if (type === null) return null;
        return canBeNil(type) ? zeroOf(type) : fail(`cannot assign nil to ${type.name}`);
      case 'field':
        return validate(fields(dot, dot, node, node.names, [], undefined, variables), type);
      case 'variable':
        return validate(variable(dot, node, [], undefined, variables), type);
      case 'pipeline':
        return validate(pipeline(dot, node, variables), type);
      case 'identifier':
        return validate(callFunction(dot, node, node, [], undefined, variables), type);
      case 'chain':
        return validate(chain(dot, node, [], undefined, variables), type);
    }
    return literal(node, type);
  }

  /** A literal where a parameter of this type is wanted: a number takes the parameter's own type. */
  function literal(node: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>, type: Type | null): Value {
    const expected = (what: string) => fail(`expected ${what}; found ${describeNode(node)}`);
    switch (type?.kind) {
      case undefined:
      case 'interface':
        if (node.kind === 'bool') return bool(node.of);
        return node.kind === 'string' ? text(node.of) : constantValue(node.constant, node.text);
      case 'bool':
        return node.kind === 'bool' ? makeValue(boolType, node.of) : expected('bool');
      case 'string':
        return node.kind === 'string' ? makeValue(type, node.of) : expected('string');
      case 'int':
        if (node.kind !== 'number' || node.constant.integer === undefined) return expected('integer');
        return makeValue(type, node.constant.integer);
      case 'uint':
        if (node.kind !== 'number' || node.constant.unsigned === undefined) {
          return expected('unsigned integer');
        }
        return makeValue(type, node.constant.unsigned);
      case 'float':
        if (node.kind !== 'number' || node.constant.float === undefined) return expected('float');
        return makeValue(type, node.constant.float);
      default:
        return fail(`can't handle ${describeNode(node)} for arg of type ${type?.name}`);
    }
  }

  return pipeline;
}

/** A value as Go names it that has no source. */
function describeFinal(final: Final): string {
  if (final?.kind === 'string') return final.of;
  return final ? `<${final.type.name} Value>` : '<invalid Value>';
}

function canBeNil(type: Type): boolean {
  return (
    ['interface', 'pointer', 'map', 'function'].includes(type.kind) ||
    (type.kind === 'slice' && type.length === undefined)
  );
}

/** A method of a value, or of the pointer that led to it. */
function methodOf(receiver: Value, value: Value, name: string): Method | undefined {
  for (const type of [value.type, receiver.type, pointerTo(value.type)]) {
    const method = type.methods?.[name];
    if (method && Object.hasOwn(type.methods ?? {}, name)) return method;
  }
  return undefined;
}
