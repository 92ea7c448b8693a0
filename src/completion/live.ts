import { openContextStore } from '../config/context-store.ts';
import type { CommandContext } from '../context.ts';
import type { Client } from '../http/client.ts';
import { textRoute } from '../http/raw.ts';
import type { Candidate } from './answer.ts';

/** What an engine, or the configuration, has names for. */
export type LiveKind =
  | 'containers'
  | 'running'
  | 'stopped'
  | 'paused'
  | 'images'
  | 'networks'
  | 'volumes'
  | 'contexts';

/** Milliseconds that an engine has to answer: a person waits with a finger on the key. */
const patience = 1_500;

interface Container {
  Names?: string[];
  Image?: string;
  Status?: string;
}

/** The states that each kind of containers is in; undefined: all of them. */
const states: Partial<Record<LiveKind, string[]>> = {
  running: ['running'],
  stopped: ['created', 'exited'],
  paused: ['paused'],
};

/** Names of a kind, or none when no engine answers. An engine is never started for them. */
export async function liveNames(kind: LiveKind, context: CommandContext): Promise<Candidate[]> {
  if (kind === 'contexts') return contextNames(context);
  try {
    const { connect } = await import('../http/client.ts');
    const { endpoint, config } = context;
    const client = connect(endpoint, { headers: config.httpHeaders });
    return await ask(kind, client);
  } catch {
    return [];
  }
}

async function ask(kind: LiveKind, client: Client): Promise<Candidate[]> {
  const read = async <T>(path: `/${string}`): Promise<T> => {
    const signal = AbortSignal.timeout(patience);
    return JSON.parse(await client.call(textRoute(path), { signal })) as T;
  };
  switch (kind) {
    case 'images': {
      const images = await read<{ RepoTags?: string[] | null }[]>('/images/json');
      const tags = images
        .flatMap(({ RepoTags }) => RepoTags ?? [])
        .filter((tag) => !tag.startsWith('<none>'));
      const short = tags
        .filter((tag) => tag.endsWith(':latest'))
        .map((tag) => tag.slice(0, -':latest'.length));
      return [...short, ...tags].sort().map((word) => ({ word }));
    }
    case 'networks': {
      const networks = await read<{ Name: string; Driver: string }[]>('/networks');
      return networks.map(({ Name, Driver }) => ({ word: Name, description: Driver }));
    }
    case 'volumes': {
      const { Volumes } = await read<{ Volumes: { Name: string; Driver: string }[] | null }>('/volumes');
      return (Volumes ?? []).map(({ Name, Driver }) => ({ word: Name, description: Driver }));
    }
    default: {
      const status = states[kind];
      const filters = status ? `&filters=${encodeURIComponent(JSON.stringify({ status }))}` : '';
      const all = kind === 'running' ? '' : '?all=1';
      const query = all === '' && filters !== '' ? `?${filters.slice(1)}` : `${all}${filters}`;
      const containers = await read<Container[]>(`/containers/json${query}`);
      return containers.flatMap(({ Names, Image = '', Status = '' }) =>
        (Names ?? [])
          .map((name) => name.replace(/^\//, ''))
          .filter((name) => !name.includes('/'))
          .map((word) => ({ word, description: `${Image}, ${Status}` })),
      );
    }
  }
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
