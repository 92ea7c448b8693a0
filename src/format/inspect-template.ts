import { dynamicValue, typedValue } from './go/decode.ts';
import type { Type, Value } from './go/value.ts';
import type { Inspector } from './inspect.ts';
import { parseJson } from './json.ts';
import { templateFailure } from './template/failure.ts';
import { type CompiledTemplate, compileTemplate } from './template/template.ts';

interface TemplateInspectorOptions {
  /** Whether only the type counts: docker's `volume inspect` and `context inspect` do not fall back on JSON. */
  typedOnly?: boolean;
}

/**
 * Shows each object by a template: as the type that docker's client knows it by and, where that fails, as plain
 * JSON. Throws CommandError when the template cannot be parsed.
 */
export function createTemplateInspector(
  format: string,
  { typedOnly = false }: TemplateInspectorOptions = {},
): Inspector {
  const template = compile(format);
  let written = '';
  // Once the template has fallen back on an object's JSON, a missing key stays an error: docker's habit.
  let missingKey: 'default' | 'error' = 'default';

  function execute(value: Value | null): string {
    try {
      return template.render(value, missingKey);
    } catch (error) {
      throw templateFailure('template parsing error: ', error);
    }
  }

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
    return execute(dynamicValue(parseJson(raw)));
  }

  return {
    add: (raw, type) => {
      const text =
        type && typedOnly
          ? execute(typedValue(type, parseJson(raw)))
          : ((type && typed(raw, type)) ?? dynamic(raw));
      written += `${text}\n`;
    },
    text: () => written || '\n',
  };
}

function compile(format: string): CompiledTemplate {
  try {
    return compileTemplate(format);
  } catch (error) {
    throw templateFailure('template parsing error: ', error, 64);
  }
}
