import type { Complex } from '../go/value.ts';

/** What an argument of a command can be. */
export type Operand =
  | { kind: 'dot' | 'nil'; position: number }
  | { kind: 'bool'; position: number; of: boolean }
  | { kind: 'number'; position: number; text: string; constant: Constant }
  | { kind: 'string'; position: number; quoted: string; of: string }
  | { kind: 'identifier'; position: number; name: string }
  | { kind: 'field' | 'variable'; position: number; names: readonly string[] }
  | { kind: 'chain'; position: number; node: Operand; names: string[] }
  | Pipeline;

/** A number as it may be used: each form is there when the number has it. */
export interface Constant {
  integer?: bigint;
  unsigned?: bigint;
  float?: number;
  complex?: Complex;
}

export interface Command {
  kind: 'command';
  position: number;
  operands: Operand[];
}

export interface Pipeline {
  kind: 'pipeline';
  position: number;
  /** Variables that take the result. */
  variables: string[];
  /** `=` and not `:=`. */
  assigns: boolean;
  commands: Command[];
}

export interface List {
  kind: 'list';
  position: number;
  nodes: Node[];
}

export interface Branch {
  kind: 'if' | 'range' | 'with';
  position: number;
  pipeline: Pipeline;
  list: List;
  otherwise: List | null;
}

export type Node =
  | { kind: 'text'; position: number; text: string }
  | { kind: 'action'; position: number; pipeline: Pipeline }
  | { kind: 'break' | 'continue'; position: number }
  | { kind: 'template'; position: number; name: string; pipeline: Pipeline | null }
  | Branch;

/** A parsed template: its own list of nodes and all that it defines by name. */
export interface Template {
  name: string;
  text: string;
  root: List;
  defined: ReadonlyMap<string, Defined>;
}

export interface Defined {
  name: string;
  root: List;
}

/** Any node of which Go's messages show the source. */
export type AnyNode = Node | Operand | Command;

/** A node as Go prints it again from what was parsed. */
export function describeNode(node: AnyNode): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.of);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'identifier':
      return node.name;
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.names.join('.');
    case 'chain': {
      const inner = describeNode(node.node);
      return (
        (node.node.kind === 'pipeline' ? `(${inner})` : inner) + node.names.map((name) => `.${name}`).join('')
      );
    }
    case 'command':
      return node.operands.map(describeOperand).join(' ');
    case 'pipeline': {
      const variables = node.variables.length
        ? `${node.variables.join(', ')} ${node.assigns ? '=' : ':='} `
        : '';
      return variables + node.commands.map(describeNode).join(' | ');
    }
    case 'text':
      return JSON.stringify(node.text);
    case 'action':
      return `{{${describeNode(node.pipeline)}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipeline ? ` ${describeNode(node.pipeline)}` : ''}}}`;
    default: {
      const otherwise = node.otherwise ? `{{else}}${describeList(node.otherwise)}` : '';
      return `{{${node.kind} ${describeNode(node.pipeline)}}}${describeList(node.list)}${otherwise}{{end}}`;
    }
  }
}

function describeOperand(operand: Operand): string {
  return operand.kind === 'pipeline' ? `(${describeNode(operand)})` : describeNode(operand);
}

function describeList(list: List): string {
  return list.nodes.map((node) => (node.kind === 'text' ? node.text : describeNode(node))).join('');
}
