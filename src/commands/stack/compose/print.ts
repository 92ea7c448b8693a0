import { Document, visit } from 'yaml';
import { composeFile } from './file-shape.ts';
import { inOrder, isMapping, type Mapping, type Value } from './shape.ts';

/** Mappings that are shown even when they are empty. */
const mayBeEmpty =
  /^(services|services\.[^.]+|services\.[^.]+\.networks\.[^.]+|(networks|volumes|secrets|configs)\.[^.]+|.*\.(mount_volume|block_volume))$/;

/** What is to be shown: neither what is empty nor what is false. */
function shown(value: Value, path: string): Value | undefined {
  if (value === '' || (value === false && !path.endsWith('.init'))) return undefined;
  if (value === null) return /\.(environment|args|networks)\.[^.]+$/.test(path) ? null : undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => shown(item, `${path}.[]`)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (!isMapping(value)) return value;
  const keepsAll = /\.(environment|args|labels|options|driver_opts|sysctls|segments)$/.test(path);
  const entries = Object.entries(value).flatMap(([key, item]): [string, Value][] => {
    if (keepsAll || key.startsWith('x-')) return [[key, item]];
    const one = shown(item, path === '' ? key : `${path}.${key}`);
    return one === undefined ? [] : [[key, one]];
  });
  return entries.length > 0 || mayBeEmpty.test(path) ? Object.fromEntries(entries) : undefined;
}

/** Texts that readers of YAML, also of 1.1, would take for something else. */
const ambiguous = [
  /^(~|null|true|false|y|n|yes|no|on|off|<<|=)?$/i,
  /^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[-+]?\d+)?$/i,
  /^[-+]?0(x[\da-f_]+|o[0-7_]+|b[01_]+)$/i,
  /^[-+]?(\d[\d_]*)(:[0-5]?\d)+(\.[\d_]*)?$/,
  /^[-+]?\.(inf|nan)$/i,
  /^\d{4}-\d\d?-\d\d?([Tt \t].*)?$/,
];

/** A compose file in canonical form as YAML. */
export function printCompose(file: Mapping): string {
  const document = new Document(shown(inOrder(file, composeFile), ''), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      const { value } = node;
      if (typeof value === 'string' && ambiguous.some((pattern) => pattern.test(value))) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true });
}
