import { TemplateError } from './error.ts';
import { createLexer, describeToken, type Token, type TokenType } from './lex.ts';

/** The tokens of a template, with any number of them given back, and the complaints about them. */
export interface Tokens {
  take(): Token;
  /** The tokens are taken again next, in this order. */
  giveBack(...tokens: Token[]): void;
  peek(): Token;
  /** The next token that is no white space. */
  takeSolid(): Token;
  peekSolid(): Token;
  /** The next token, which has to be of this type. */
  expect(type: TokenType, context: string): Token;
  /** Tells in which line the action begins that is being read; 0 outside of actions. */
  inAction(line: number): void;
  /** Throws TemplateError. */
  fail(message: string): never;
  unexpected(token: Token, context: string): never;
}

/** Reads a template's text as tokens; `name` is the template's in messages. */
export function createTokens(text: string, name: string): Tokens {
  const next = createLexer(text);
  /** Tokens read ahead; the last one is the next to be taken. */
  const ahead: Token[] = [];
  let latest: Token = { type: 'space', value: '', position: 0, line: 1 };
  let actionLine = 0;

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
    throw new TemplateError(`template: ${name}:${latest.line}: ${message}`, text, latest.position);
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

  const inAction = (line: number) => {
    actionLine = line;
  };
  return { take, giveBack, peek, takeSolid, peekSolid, expect, inAction, fail, unexpected };
}
