import { Readable } from 'node:stream';
import { buildRoutes } from '@davit/api';
import type { Client } from '../../http/client.ts';
import type { Output } from '../../terminal/streams.ts';
import { askDavit } from '../davit-only.ts';
import type { PackedContext } from './build-context/pack.ts';
import { findingsText } from './build-progress/findings.ts';

interface Check {
  context: PackedContext;
  target: string;
  platform: string;
  /** The arguments of the build, as JSON. */
  buildargs: string;
  /** Names of further contexts. */
  contexts: string[];
}

/** Has the engine look at a Dockerfile, and prints what it finds. Returns the exit code: 1 for anything. */
export async function checkDockerfile(client: Client, check: Check, out: Output): Promise<number> {
  const { context, target, platform, buildargs, contexts } = check;
  const { archive, remote, dockerfile } = context;
  const ask = () =>
    client.call(buildRoutes.buildCheck, {
      query: { dockerfile, remote, target, platform, buildargs, contexts },
      input: archive ?? Readable.from([]),
    });
  const otherwise = "this engine's builder has no checks: only that of davit does";
  const { Findings } = await askDavit(ask, { otherwise });
  await out.line(findingsText(Findings));
  return Findings.length > 0 ? 1 : 0;
}
