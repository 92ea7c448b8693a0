import { CommandError } from '../exit.ts';
import { dynamicValue, typedValue } from './go/decode.ts';
import type { Type, Value } from './go/value.ts';
import { compactJson, indentJson, parseJson } from './json.ts';
import { type CompiledTemplate, compileTemplate } from './template/template.ts';

/** Takes inspected objects one after the other and tells them at the end, in the format that was asked for. */
export interface Inspector {
  /**
   * Adds an object by its JSON; `type` is what docker's client decodes it to, null when it has none for it.
   * Throws CommandError when the template cannot be executed on it.
   */
  add(raw: string, type: Type | null): void;
  /** All that is to be printed. */
  text(): string;
}

/** The inspector for a `--format`. Throws CommandError when it is a template that cannot be parsed. */
export function createInspector(format: string): Inspector {
  if (format === '' || format === 'json') return createJsonInspector(format === 'json');
  return createTemplateInspector(compile(format));
}

function createJsonInspector(compact: boolean): Inspector {
  const objects: string[] = [];
  return {
    add: (raw) => {
      objects.push(raw);
    },
    text: () => {
      const all = `[${objects.join(',')}]`;
      return `${compact ? compactJson(all) : indentJson(all, '    ')}\n`;
    },
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

function createTemplateInspector(template: CompiledTemplate): Inspector {
  let written = '';
  // Once the template has fallen back on an object's JSON, a missing key stays an error: docker's habit.
  let missingKey: 'default' | 'error' = 'default';

  /** The text for the object as its own type; null when the template does not work on it. */
  function typed(raw: string, type: Type): string | null {
    let value: Value;
    try {
      value = typedValue(type, parseJson(raw));
      return template.render(value, missingKey);
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
