import type { Value } from '../go/value.ts';
import { dockerFunctions, headingFunctions } from './docker.ts';
import { executeTemplate } from './execute.ts';
import { builtins, type Functions } from './functions.ts';
import { parseTemplate } from './parse.ts';

export { TemplateError } from './error.ts';

/** A template with docker's functions, ready to be run on any number of values. */
export interface CompiledTemplate {
  /** The whole text for one value. Throws TemplateError. */
  render(data: Value | null, missingKey?: 'default' | 'error'): string;
  /** Hands the text on as it is made, so that what comes before an error is not lost. Throws TemplateError. */
  execute(data: Value | null, write: (text: string) => void): void;
  /** The text for a table's headings, which functions such as `upper` leave as they are. Throws TemplateError. */
  renderHeadings(headings: Value): string;
}

const functions: Functions = { ...builtins, ...dockerFunctions };
const functionsForHeadings: Functions = { ...functions, ...headingFunctions };

/** Parses a template as the docker client does; messages show its name. Throws TemplateError with Go's message. */
export function compileTemplate(source: string, templateName = ''): CompiledTemplate {
  const template = parseTemplate(source, (name) => Object.hasOwn(functions, name), templateName);
  const render = (
    data: Value | null,
    options: { functions: Functions; missingKey?: 'default' | 'error' },
  ) => {
    let text = '';
    executeTemplate(template, data, (part) => (text += part), options);
    return text;
  };
  return {
    render: (data, missingKey) => render(data, { functions, missingKey }),
    execute: (data, write) => executeTemplate(template, data, write, { functions }),
    renderHeadings: (headings) => render(headings, { functions: functionsForHeadings }),
  };
}
