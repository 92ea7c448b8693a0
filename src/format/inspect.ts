import type { Type } from './go/value.ts';
import { compactJson, indentJson } from './json.ts';

/** Takes inspected objects one after the other and tells them at the end, in the format that was asked for. */
export interface Inspector {
  /**
   * Adds an object by its JSON; `type` is what docker's client decodes it to, null when it has none for it.
   * Throws CommandError when a template cannot be executed on it.
   */
  add(raw: string, type: Type | null): void;
  /** All that is to be printed. */
  text(): string;
}

/** Shows objects as a list in JSON, as the engine wrote them but for the white space. */
export function createJsonInspector(compact: boolean): Inspector {
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

/** Shows objects as a list in YAML. */
export async function createYamlInspector(): Promise<Inspector> {
  const { yamlOf } = await import('./yaml.ts');
  const objects: string[] = [];
  return {
    add: (raw) => {
      objects.push(raw);
    },
    text: () => yamlOf(`[${objects.join(',')}]`),
  };
}
