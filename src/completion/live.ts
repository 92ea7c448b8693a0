import { openContextStore } from '../config/context-store.ts';
import type { CommandContext } from '../context.ts';
import type { Client } from '../http/client.ts';
import { textRoute } from '../http/raw.ts';
import type { Candidate } from './answer.ts';
import { type EngineKind, sources } from './sources.ts';

/** What an engine, or the configuration, has names for. */
export type LiveKind = EngineKind | 'contexts' | 'objects';

/** Milliseconds that an engine has to answer: a person waits with a finger on the key. */
const patience = 1_500;

/** What `inspect` finds by a name. */
const inspected: readonly EngineKind[] = ['containers', 'images', 'networks', 'volumes'];

/** Names of a kind, or none when no engine answers. An engine is never started for them. */
export async function liveNames(kind: LiveKind, context: CommandContext): Promise<Candidate[]> {
  if (kind === 'contexts') return contextNames(context);
  try {
    const { connect } = await import('../http/client.ts');
    const { endpoint, config } = context;
    const client = connect(endpoint, { headers: config.httpHeaders });
    const kinds = kind === 'objects' ? inspected : [kind];
    return (await Promise.all(kinds.map((one) => ask(one, client)))).flat();
  } catch {
    return [];
  }
}

async function ask(kind: EngineKind, client: Client): Promise<Candidate[]> {
  const { path, filters, names } = sources[kind];
  const query = filters ? `${path.includes('?') ? '&' : '?'}filters=${encodeURIComponent(filters)}` : '';
  const signal = AbortSignal.timeout(patience);
  return names(await client.call(textRoute(`${path}${query}`), { signal }));
}

function contextNames(context: CommandContext): Candidate[] {
  try {
    const stored = openContextStore(context.config.directory).list();
    const known = stored.map(({ Name, Metadata }) => ({ word: Name, description: Metadata.Description }));
    return [{ word: 'default' }, ...known];
  } catch {
    return [];
  }
}
