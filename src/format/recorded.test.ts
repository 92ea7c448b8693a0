import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../exit.ts';
import type { Type } from './go/value.ts';
import { createJsonInspector } from './inspect.ts';
import { createTemplateInspector } from './inspect-template.ts';
import { formatList, tryFormat } from './list.ts';
import { containerList, type ListedContainer } from './lists/container.ts';
import { type ImageRow, imageList, imageRows } from './lists/image.ts';
import { containerInspect } from './objects/container.ts';
import { imageInspect } from './objects/image.ts';
import { networkInspect } from './objects/network.ts';
import { volumeInspect } from './objects/volume.ts';

/** What the docker client made of templates on fixed objects: see testdata/record.ts. */
interface Recorded {
  group: string;
  template: string;
  code: number;
  stdout: string;
  stderr: string;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'template/testdata', name), 'utf8')) as T;
}

const objects = read<Record<string, unknown>>('objects.json');
const recorded = read<Recorded[]>('recorded.json');
const target = { isTerminal: false };

type Outcome = Omit<Recorded, 'group' | 'template'>;

async function outcome(work: (print: (text: string) => void) => Promise<void>): Promise<Outcome> {
  let stdout = '';
  try {
    await work((text) => (stdout += text));
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, stdout, stderr: `${error.message}\n` };
  }
}

/** Inspects one object, as the command does: what was added is printed whatever goes wrong. */
function inspecting(path: string, type: Type, typedOnly = false) {
  return (template: string) =>
    outcome(async (print) => {
      const inspector =
        template === 'json' ? createJsonInspector(true) : createTemplateInspector(template, { typedOnly });
      try {
        inspector.add(JSON.stringify(objects[path]), type);
      } finally {
        print(inspector.text());
      }
    });
}

const options = { whole: false, now: new Date('2026-11-25T09:00:00Z') };

const groups: Record<string, (template: string) => Promise<Outcome>> = {
  container: inspecting('/containers/web/json', containerInspect),
  image: inspecting('/images/shop/web:1.0/json', imageInspect),
  network: inspecting('/networks/shop', networkInspect),
  volume: inspecting('/volumes/shop-data', volumeInspect, true),
  ps: (template) =>
    outcome(async (print) => {
      const definition = containerList(options);
      const read = await tryFormat(definition, {}, template);
      const listed = (objects['/containers/json'] as ListedContainer[]).map((one) =>
        read.has('Size') ? one : { ...one, SizeRw: 0, SizeRootFs: 0 },
      );
      print(await formatList(definition, listed, template, target));
    }),
  images: (template) =>
    outcome(async (print) => {
      const rows: ImageRow[] = imageRows(objects['/images/json'] as never, {
        digestRows: false,
        digestShown: template.includes('{{.Digest}}'),
      });
      print(await formatList(imageList(options), rows, template, target));
    }),
};

describe.each(Object.keys(groups))('templates of %s', (group) => {
  beforeAll(() => {
    // The fixture was recorded in this zone.
    process.env.TZ = 'UTC';
  });

  const cases = recorded.filter((one) => one.group === group && one.template !== 'raw');
  it.each(cases)('$template', async ({ template, code, stdout, stderr }) => {
    expect(await groups[group]?.(template)).toEqual({ code, stdout, stderr });
  });
});
