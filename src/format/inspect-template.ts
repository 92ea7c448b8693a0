import { CommandError } from '../exit.ts';
import { dynamicValue, typedValue } from './go/decode.ts';
import type { Type } from './go/value.ts';
import type { Inspector } from './inspect.ts';
import { parseJson } from './json.ts';
import { type CompiledTemplate, compileTemplate } from './template/template.ts';

/**
 * Shows each object by a template: as the type that docker's client knows it by and, where that fails, as plain
 * JSON. Throws CommandError when the template cannot be parsed.
 */
export function createTemplateInspector(format: string): Inspector {
  const template = compile(format);
  let written = '';
  // Once the template has fallen back on an object's JSON, a missing key stays an error: docker's habit.
  let missingKey: 'default' | 'error' = 'default';

  /** The text for the object as its own type; null when the template does not work on it. */
  function typed(raw: string, type: Type): string | null {
    try {
      return template.render(typedValue(type, parseJson(raw)), missingKey);
    } catch {
      return null;
    }
  }

  function dynamic(raw: string): string {
    missingKey = 'error';
    try {
      return template.render(dynamicValue(parseJson(raw)), missingKey);
    } catch (error) {
      throw new CommandError(`template parsing error: ${messageOf(error)}`);
    }
  }

  return {
    add: (raw, type) => {
      written += `${(type && typed(raw, type)) ?? dynamic(raw)}\n`;
    },
    text: () => written || '\n',
  };
}

function compile(format: string): CompiledTemplate {
  try {
    return compileTemplate(format);
  } catch (error) {
    throw new CommandError(`template parsing error: ${messageOf(error)}`, 64);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
