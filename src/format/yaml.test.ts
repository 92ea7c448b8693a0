import { expect, it } from 'vitest';
import { yamlOf } from './yaml.ts';

it.each([
  ['[]', '[]\n'],
  ['{"a":1,"b":[true,null,"x: y"]}', 'a: 1\nb:\n  - true\n  - null\n  - "x: y"\n'],
  ['{"limit":9223372036854771712}', 'limit: 9223372036854771712\n'],
  ['{"yes":"no","n":"1"}', '"yes": "no"\n"n": "1"\n'],
])('%s', (json, yaml) => {
  expect(yamlOf(json)).toBe(yaml);
});
