import { quote, unquoteInside } from '../go/quote.ts';
import { readConstant } from './constant.ts';
import { TemplateError } from './error.ts';
import { createLexer, describeToken, type Token, type TokenType } from './lex.ts';
import {
  type Branch,
  type Command,
  type Defined,
  describeNode,
  type List,
  type Node,
  type Operand,
  type Pipeline,
  type Template,
} from './nodes.ts';

/** What ends a list of nodes. */
type Ending = { kind: 'end' | 'else'; position: number };

const startsOperand: ReadonlySet<TokenType> = new Set([
  'bool',
  'constant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw string',
  'string',
  'variable',
  'left parenthesis',
]);

/**
 * Parses a Go template. `hasFunction` says which names are functions. Throws TemplateError with the message
 * that Go's text/template has for it.
 */
export function parseTemplate(text: string, hasFunction: (name: string) => boolean, name = ''): Template {
  const next = createLexer(text);
  /** Tokens read ahead; the last one is the next to be taken. */
  const ahead: Token[] = [];
  let latest: Token = { type: 'space', value: '', position: 0, line: 1 };
  let variables = ['$'];
  let loops = 0;
  let actionLine = 0;
  const defined = new Map<string, Defined>();

  function take(): Token {
    const waiting = ahead.pop();
    if (waiting) return waiting;
    latest = next();
    return latest;
  }

  function giveBack(...tokens: Token[]): void {
    ahead.push(...tokens.reverse());
  }

  function peek(): Token {
    const token = take();
    ahead.push(token);
    return token;
  }

  function takeSolid(): Token {
    let token = take();
    while (token.type === 'space') token = take();
    return token;
  }

  function peekSolid(): Token {
    const token = takeSolid();
    ahead.push(token);
    return token;
  }

  const fail: (message: string) => never = (message) => {
    throw new TemplateError(`template: ${name}:${latest.line}: ${message}`, latest.position);
  };

  function unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return fail(`unexpected ${describeToken(token)} in ${context}`);
    if (actionLine === 0 || actionLine === token.line) return fail(token.value);
    const started = ` in action started at ${name}:${actionLine}`;
    return fail(
      token.value + (token.value.endsWith(' action') ? started.slice(' in action'.length) : started),
    );
  }

  function expect(type: TokenType, context: string): Token {
    const token = takeSolid();
    return token.type === type ? token : unexpected(token, context);
  }

  function define(definition: Defined): void {
    const existing = defined.get(definition.name);
    if (existing && !isEmpty(existing.root)) {
      if (isEmpty(definition.root)) return;
      fail(`template: multiple definition of template ${quote(definition.name)}`);
    }
    defined.set(definition.name, definition);
  }

  /** Parses what is inside a named template, which sees none of the variables around it. */
  function inner(definedName: string, context: string): void {
    const outside = { variables, loops };
    variables = ['$'];
    loops = 0;
    const { list, ending } = listUntilEnding();
    if (ending.kind !== 'end') fail(`unexpected ${describeEnding(ending)} in ${context}`);
    define({ name: definedName, root: list });
    ({ variables, loops } = outside);
  }

  function listUntilEnding(): { list: List; ending: Ending } {
    const list: List = { kind: 'list', position: peekSolid().position, nodes: [] };
    while (peekSolid().type !== 'end of text') {
      const node = textOrAction();
      if (isEnding(node)) return { list, ending: node };
      list.nodes.push(node);
    }
    return fail('unexpected EOF');
  }

  function textOrAction(): Node | Ending {
    const token = takeSolid();
    if (token.type === 'text') return { kind: 'text', position: token.position, text: token.value };
    if (token.type !== 'left delimiter') return unexpected(token, 'input');
    actionLine = token.line;
    const node = action();
    actionLine = 0;
    return node;
  }

  function action(): Node | Ending {
    const token = takeSolid();
    switch (token.type) {
      case 'block':
        return block();
      case 'break':
      case 'continue':
        return jump(token.type, token);
      case 'else': {
        const following = peekSolid();
        if (following.type !== 'if' && following.type !== 'with') expect('right delimiter', 'else');
        return { kind: 'else', position: token.position };
      }
      case 'end':
        return { kind: 'end', position: expect('right delimiter', 'end').position };
      case 'if':
      case 'range':
      case 'with':
        return branch(token.type);
      case 'template':
        return call();
    }
    giveBack(token);
    const { position } = token;
    return { kind: 'action', position, pipeline: pipeline('command', 'right delimiter') };
  }

  function jump(kind: 'break' | 'continue', at: Token): Node {
    const token = takeSolid();
    if (token.type !== 'right delimiter') unexpected(token, `{{${kind}}}`);
    if (loops === 0) fail(`{{${kind}}} outside {{range}}`);
    return { kind, position: at.position };
  }

  function branch(kind: 'if' | 'range' | 'with'): Branch {
    const known = variables.length;
    const condition = pipeline(kind, 'right delimiter');
    if (kind === 'range') loops++;
    const { list, ending } = listUntilEnding();
    if (kind === 'range') loops--;
    let otherwise: List | null = null;
    if (ending.kind === 'else') {
      if (kind !== 'range' && peek().type === kind) {
        // {{else if}} and {{else with}} are a branch of their own inside the else.
        take();
        otherwise = { kind: 'list', position: ending.position, nodes: [branch(kind)] };
      } else {
        const rest = listUntilEnding();
        if (rest.ending.kind !== 'end') fail(`expected end; found ${describeEnding(rest.ending)}`);
        otherwise = rest.list;
      }
    }
    variables.length = known;
    return { kind, position: condition.position, pipeline: condition, list, otherwise };
  }

  function templateName(context: string): Token & { name: string } {
    const token = takeSolid();
    if (token.type !== 'string' && token.type !== 'raw string') return unexpected(token, context);
    return { ...token, name: unquote(token) };
  }

  function block(): Node {
    const context = 'block clause';
    const token = templateName(context);
    const argument = pipeline(context, 'right delimiter');
    inner(token.name, context);
    return { kind: 'template', position: token.position, name: token.name, pipeline: argument };
  }

  function call(): Node {
    const context = 'template clause';
    const token = templateName(context);
    let argument: Pipeline | null = null;
    const following = takeSolid();
    if (following.type !== 'right delimiter') {
      giveBack(following);
      argument = pipeline(context, 'right delimiter');
    }
    return { kind: 'template', position: token.position, name: token.name, pipeline: argument };
  }

  function definition(): void {
    const context = 'define clause';
    const token = takeSolid();
    if (token.type !== 'string' && token.type !== 'raw string') unexpected(token, context);
    expect('right delimiter', context);
    inner(unquote(token), context);
  }

  function pipeline(context: string, end: TokenType): Pipeline {
    const { position } = peekSolid();
    const result: Pipeline = { kind: 'pipeline', position, variables: [], assigns: false, commands: [] };
    declarations(result, context);
    for (;;) {
      const token = takeSolid();
      if (token.type === end) {
        check(result, context);
        return result;
      }
      if (!startsOperand.has(token.type)) unexpected(token, context);
      giveBack(token);
      result.commands.push(command());
    }
  }

  /** Reads `$x :=`, `$x =` and, for a range, `$i, $x :=`. */
  function declarations(result: Pipeline, context: string): void {
    for (;;) {
      if (peekSolid().type !== 'variable') return;
      const variable = takeSolid();
      const gap = peek();
      const following = peekSolid();
      if (following.type === 'assign' || following.type === 'declare') {
        result.assigns = following.type === 'assign';
        takeSolid();
        result.variables.push(variable.value);
        variables.push(variable.value);
        return;
      }
      if (following.type !== 'character' || following.value !== ',') {
        // No declaration: the space is given back too, as it parts the operands of a command.
        giveBack(...(gap.type === 'space' ? [variable, gap] : [variable]));
        return;
      }
      takeSolid();
      result.variables.push(variable.value);
      variables.push(variable.value);
      if (context !== 'range' || result.variables.length >= 2) {
        fail(`too many declarations in ${context}`);
      }
      const { type } = peekSolid();
      if (!['variable', 'right delimiter', 'right parenthesis'].includes(type)) {
        fail('range can only initialize variables');
      }
    }
  }

  function check(result: Pipeline, context: string): void {
    if (result.commands.length === 0) fail(`missing value for ${context}`);
    for (const [index, { operands }] of result.commands.entries()) {
      const kind = operands[0]?.kind ?? 'nil';
      if (index > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(kind)) {
        fail(`non executable command in pipeline stage ${index + 1}`);
      }
    }
  }

  function command(): Command {
    const result: Command = { kind: 'command', position: peekSolid().position, operands: [] };
    for (;;) {
      peekSolid();
      const one = operand();
      if (one) result.operands.push(one);
      const token = take();
      if (token.type === 'space') continue;
      if (token.type === 'right delimiter' || token.type === 'right parenthesis') giveBack(token);
      else if (token.type !== 'pipe') unexpected(token, 'operand');
      break;
    }
    if (result.operands.length === 0) fail('empty command');
    return result;
  }

  function operand(): Operand | null {
    const node = term();
    if (!node || peek().type !== 'field') return node;
    const { position } = peek();
    const names: string[] = [];
    while (peek().type === 'field') names.push(take().value.slice(1));
    switch (node.kind) {
      case 'field':
      case 'variable':
        return { kind: node.kind, position, names: [...node.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return fail(`unexpected . after term ${quote(describeNode(node))}`);
      default:
        return { kind: 'chain', position, node, names };
    }
  }

  function term(): Operand | null {
    const token = takeSolid();
    const { position, value } = token;
    switch (token.type) {
      case 'identifier':
        if (!hasFunction(value)) fail(`function ${quote(value)} not defined`);
        return { kind: 'identifier', position, name: value };
      case 'dot':
      case 'nil':
        return { kind: token.type, position };
      case 'variable':
        if (!variables.includes(value)) fail(`undefined variable ${quote(value)}`);
        return { kind: 'variable', position, names: [value] };
      case 'field':
        return { kind: 'field', position, names: [value.slice(1)] };
      case 'bool':
        return { kind: 'bool', position, of: value === 'true' };
      case 'constant':
      case 'complex':
      case 'number':
        return { kind: 'number', position, text: value, constant: constant(value, token.type) };
      case 'string':
      case 'raw string':
        return { kind: 'string', position, quoted: value, of: unquote(token) };
      case 'left parenthesis':
        return pipeline('parenthesized pipeline', 'right parenthesis');
    }
    giveBack(token);
    return null;
  }

  function constant(value: string, type: 'constant' | 'complex' | 'number') {
    try {
      return readConstant(value, type);
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  }

  function unquote(token: Token): string {
    if (token.type === 'raw string') return token.value.slice(1, -1).replaceAll('\r', '');
    return unquoteInside(token.value.slice(1, -1), '"') ?? fail('invalid syntax');
  }

  const root: List = { kind: 'list', position: 0, nodes: [] };
  while (peek().type !== 'end of text') {
    if (peek().type === 'left delimiter') {
      const delimiter = take();
      const following = takeSolid();
      if (following.type === 'define') {
        actionLine = following.line;
        definition();
        actionLine = 0;
        continue;
      }
      giveBack(delimiter, following);
    }
    const node = textOrAction();
    if (isEnding(node)) fail(`unexpected ${describeEnding(node)}`);
    root.nodes.push(node);
  }
  return { name, text, root, defined };
}

function isEnding(node: Node | Ending): node is Ending {
  return node.kind === 'end' || node.kind === 'else';
}

function describeEnding({ kind }: Pick<Ending, 'kind'>): string {
  return `{{${kind}}}`;
}

/** Whether nothing but white space is in a list: such a definition never replaces another. */
function isEmpty(list: List): boolean {
  return list.nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
