import { display } from '../go/print.ts';
import { indirect, int, sortedKeys, text, unwrap, type Value } from '../go/value.ts';
import { TemplateError } from './error.ts';
import { createEvaluator, type Variables } from './evaluate.ts';
import { type Functions, isTrue } from './functions.ts';
import { type AnyNode, type Branch, describeNode, type List, type Node, type Template } from './nodes.ts';

export interface ExecuteOptions {
  functions: Functions;
  /** What a key does that a map does not have: nothing, or an error. */
  missingKey?: 'default' | 'error';
}

const deepest = 1000;

/** Ends or continues the loop around it. */
class Jump {
  readonly kind: 'break' | 'continue';

  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

/**
 * Runs a template on a value; `write` gets the text as it is made. Throws TemplateError with Go's message; what
 * was written before it stays written, as with Go.
 */
export function executeTemplate(
  template: Template,
  data: Value | null,
  write: (text: string) => void,
  options: ExecuteOptions,
): void {
  let at: AnyNode = template.root.nodes[0] ?? { kind: 'text', position: 0, text: '' };
  let running = template.name;
  let depth = 0;

  function fail(message: string): never {
    const { line, column } = placeOf(template.text, at.position);
    const place = `${template.name}:${line}:${column}`;
    throw new TemplateError(
      `template: ${place}: executing ${JSON.stringify(running)} at <${describeNode(at)}>: ${message}`,
      template.text,
      at.position,
    );
  }

  const evaluate = createEvaluator({
    functions: options.functions,
    missingKey: options.missingKey ?? 'default',
    enter: (node) => {
      at = node;
    },
    fail,
  });

  function list({ nodes }: List, dot: Value | null, variables: Variables): void {
    for (const node of nodes) walk(node, dot, variables);
  }

  function walk(node: Node, dot: Value | null, variables: Variables): void {
    at = node;
    switch (node.kind) {
      case 'text':
        write(node.text);
        return;
      case 'action': {
        const value = evaluate(dot, node.pipeline, variables);
        if (node.pipeline.variables.length === 0) print(node, value);
        return;
      }
      case 'break':
      case 'continue':
        throw new Jump(node.kind);
      case 'template': {
        const found = template.defined.get(node.name);
        if (!found) fail(`template ${JSON.stringify(node.name)} not defined`);
        if (depth === deepest) fail(`exceeded maximum template depth (${deepest})`);
        const argument = node.pipeline ? evaluate(dot, node.pipeline, variables) : null;
        const outside = running;
        running = node.name;
        depth++;
        list(found.root, argument, [{ name: '$', value: argument }]);
        depth--;
        running = outside;
        return;
      }
      default:
        branch(node, dot, variables);
    }
  }

  function branch(node: Branch, dot: Value | null, variables: Variables): void {
    const known = variables.length;
    const value = evaluate(dot, node.pipeline, variables);
    if (node.kind === 'range') range(node, value, dot, variables);
    else if (isTrue(unwrap(value))) list(node.list, node.kind === 'with' ? value : dot, variables);
    else if (node.otherwise) list(node.otherwise, dot, variables);
    variables.length = known;
  }

  function range(node: Branch, over: Value | null, dot: Value | null, variables: Variables): void {
    const known = variables.length;
    const { variables: names, assigns } = node.pipeline;
    const once = (index: Value, element: Value) => {
      const given = names.length > 1 ? [index, element] : [element];
      for (const [place, name] of names.entries()) {
        const value = given[place] ?? null;
        const variable = assigns
          ? variables.findLast((one) => one.name === name)
          : variables[known - names.length + place];
        if (variable) variable.value = value;
      }
      list(node.list, element, variables);
    };
    let any = false;
    try {
      for (const [index, element] of elementsOf(over, names.length)) {
        any = true;
        try {
          once(index, element);
        } catch (error) {
          if (!(error instanceof Jump) || error.kind === 'break') throw error;
        }
        variables.length = known;
      }
    } catch (error) {
      if (!(error instanceof Jump)) throw error;
    }
    if (!any && node.otherwise) list(node.otherwise, dot, variables);
  }

  function* elementsOf(over: Value | null, names: number): Generator<[Value, Value]> {
    if (over === null) return;
    const { value, isNil } = indirect(over);
    if (value.kind === 'slice') {
      for (const [index, element] of (value.of ?? []).entries()) yield [int(index), element];
    } else if (value.kind === 'map') {
      const map = value.of ?? new Map<string, Value>();
      for (const key of sortedKeys(map)) {
        const element = map.get(key);
        if (element) yield [value.type.key ? { ...text(key), type: value.type.key } : text(key), element];
      }
    } else if (value.kind === 'int' || value.kind === 'uint') {
      if (names > 1) fail(`can't use ${display(value)} to iterate over more than one variable`);
      for (let index = 0n; index < value.of; index++) {
        const element = { ...value, of: index };
        yield [element, element];
      }
    } else if (!(isNil && value.kind === 'interface')) {
      fail(`range can't iterate over ${display(value)}`);
    }
  }

  function print(node: Node, value: Value | null): void {
    at = node;
    if (value === null) {
      write('<no value>');
      return;
    }
    const inner = value.kind === 'pointer' && value.of ? indirect(value).value : value;
    if (inner.kind === 'function') fail(`can't print ${describeNode(node)} of type ${inner.type.name}`);
    write(display(inner));
  }

  list(template.root, data, [{ name: '$', value: data }]);
}

function placeOf(source: string, position: number): { line: number; column: number } {
  const before = source.slice(0, position);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: Buffer.byteLength(before.slice(start)) };
}
