import { quote, unquoteInside } from '../go/quote.ts';
import { readConstant } from './constant.ts';
import type { Token, TokenType } from './lex.ts';
import { type Command, describeNode, type Operand, type Pipeline } from './nodes.ts';
import type { Tokens } from './tokens.ts';

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

interface PipelineParserContext {
  tokens: Tokens;
  hasFunction(name: string): boolean;
  /** The variables in scope; what a pipeline declares is added. */
  variables(): string[];
}

export interface PipelineParser {
  /** Reads commands up to the token that ends them; `context` is what they belong to in messages. */
  pipeline(context: string, end: TokenType): Pipeline;
  /** The text that a token in quotes stands for. */
  unquote(token: Token): string;
}

/** Makes the parser of what stands in an action: declarations, commands, and their operands. */
export function createPipelineParser({
  tokens,
  hasFunction,
  variables,
}: PipelineParserContext): PipelineParser {
  const { take, giveBack, peek, takeSolid, peekSolid } = tokens;
  const fail: (message: string) => never = tokens.fail;
  const unexpected: (token: Token, context: string) => never = tokens.unexpected;

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
        variables().push(variable.value);
        return;
      }
      if (following.type !== 'character' || following.value !== ',') {
        // No declaration: the space is given back too, as it parts the operands of a command.
        giveBack(...(gap.type === 'space' ? [variable, gap] : [variable]));
        return;
      }
      takeSolid();
      result.variables.push(variable.value);
      variables().push(variable.value);
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
        if (!variables().includes(value)) fail(`undefined variable ${quote(value)}`);
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

  return { pipeline, unquote };
}
