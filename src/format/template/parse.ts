import { quote } from '../go/quote.ts';
import type { Token } from './lex.ts';
import type { Branch, Defined, List, Node, Pipeline, Template } from './nodes.ts';
import { createPipelineParser } from './pipeline.ts';
import { createTokens } from './tokens.ts';

/** What ends a list of nodes. */
type Ending = { kind: 'end' | 'else'; position: number };

/**
 * Parses a Go template. `hasFunction` says which names are functions. Throws TemplateError with the message
 * that Go's text/template has for it.
 */
export function parseTemplate(text: string, hasFunction: (name: string) => boolean, name = ''): Template {
  const tokens = createTokens(text, name);
  const { take, giveBack, peek, takeSolid, peekSolid, expect, inAction } = tokens;
  const fail: (message: string) => never = tokens.fail;
  const unexpected: (token: Token, context: string) => never = tokens.unexpected;
  let variables = ['$'];
  let loops = 0;
  const defined = new Map<string, Defined>();
  const { pipeline, unquote } = createPipelineParser({ tokens, hasFunction, variables: () => variables });

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
    inAction(token.line);
    const node = action();
    inAction(0);
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

  const root: List = { kind: 'list', position: 0, nodes: [] };
  while (peek().type !== 'end of text') {
    if (peek().type === 'left delimiter') {
      const delimiter = take();
      const following = takeSolid();
      if (following.type === 'define') {
        inAction(following.line);
        definition();
        inAction(0);
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
