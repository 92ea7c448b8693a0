import { bool, findField, indirect, type Type, text, type Value, zeroOf } from '../go/value.ts';
import { type Functions, isTrue } from './functions.ts';
import { type AnyNode, type Command, describeNode, type Operand, type Pipeline } from './nodes.ts';
import { canBeNil, constantValue, describeFinal, type Final, fitted, literal, methodOf } from './operands.ts';

/** Variables in scope, the innermost last. */
export type Variables = { name: string; value: Value | null }[];

interface EvaluatorContext {
  functions: Functions;
  missingKey: 'default' | 'error';
  /** Told of every node before it is evaluated: errors name it. */
  enter(node: AnyNode): void;
  fail(message: string): never;
}

interface Callable {
  readonly parameters: readonly (Type | null)[];
  readonly variadic?: boolean;
}

type Evaluate = (dot: Value | null, pipeline: Pipeline, variables: Variables) => Value | null;

/** Makes the function that evaluates pipelines. Values may be null: Go's invalid value, shown as `<no value>`. */
export function createEvaluator({ functions, missingKey, enter, fail }: EvaluatorContext): Evaluate {
  /** Does what may throw an Error whose message says what is wrong with the node at hand. */
  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  }

  function passed(value: Value | null, type: Type | null): Value | null {
    return attempt(() => fitted(value, type));
  }

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
        return attempt(() => constantValue(first.constant, first.text));
      default:
        return text(first.of);
    }
  }

  function refuseArguments(first: Operand, args: Operand[], final: Final): void {
    if (args.length > 0 || final !== undefined) {
      fail(`can't give argument to non-function ${describeNode(first)}`);
    }
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
    if (final !== undefined) values.push(passed(final, typeAt(args.length)));
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

  function argument(dot: Value | null, type: Type | null, node: Operand, variables: Variables): Value | null {
    enter(node);
    switch (node.kind) {
      case 'dot':
        return passed(dot, type);
      case 'nil':
        if (type === null) return null;
        return canBeNil(type) ? zeroOf(type) : fail(`cannot assign nil to ${type.name}`);
      case 'field':
        return passed(fields(dot, dot, node, node.names, [], undefined, variables), type);
      case 'variable':
        return passed(variable(dot, node, [], undefined, variables), type);
      case 'pipeline':
        return passed(pipeline(dot, node, variables), type);
      case 'identifier':
        return passed(callFunction(dot, node, node, [], undefined, variables), type);
      case 'chain':
        return passed(chain(dot, node, [], undefined, variables), type);
    }
    return attempt(() => literal(node, type));
  }

  return pipeline;
}
