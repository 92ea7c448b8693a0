import { stackLabel } from '../commands/stack/convert/stack.ts';
import type { Candidate } from './answer.ts';

/** What an engine has names for. */
export type EngineKind =
  | 'containers'
  | 'running'
  | 'stopped'
  | 'paused'
  | 'images'
  | 'networks'
  | 'volumes'
  | 'services'
  | 'scales'
  | 'stacks'
  | 'nodes'
  | 'secrets'
  | 'configs';

/** Where the names of a kind come from. */
interface Source {
  readonly path: `/${string}`;
  /** As JSON. */
  readonly filters?: string;
  /** The names in an answer. Throws SyntaxError when it is no JSON. */
  names(answer: string): Candidate[];
}

const source = <T>(path: `/${string}`, names: (answer: T) => Candidate[], filters?: object): Source => ({
  path,
  names: (answer) => names(JSON.parse(answer) as T),
  ...(filters && { filters: JSON.stringify(filters) }),
});

interface Container {
  Names?: string[];
  Image?: string;
  Status?: string;
}

/** A name of a container without a slash in it: the others are those that links have given it. */
const containers = (answer: Container[]) =>
  answer.flatMap(({ Names, Image = '', Status = '' }) =>
    (Names ?? [])
      .map((name) => name.replace(/^\//, ''))
      .filter((name) => !name.includes('/'))
      .map((word) => ({ word, description: `${Image}, ${Status}` })),
  );

const images = (answer: { RepoTags?: string[] | null }[]) => {
  const tags = answer.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => !tag.startsWith('<none>'));
  const short = tags.filter((tag) => tag.endsWith(':latest')).map((tag) => tag.slice(0, -':latest'.length));
  return [...short, ...tags].sort().map((word) => ({ word }));
};

interface Driven {
  Name: string;
  Driver: string;
}

const driven = (answer: Driven[] | null) =>
  (answer ?? []).map(({ Name, Driver }) => ({ word: Name, description: Driver }));

/** As the managers of a Swarm describe what it has. */
interface Managed {
  Spec?: {
    Name?: string;
    Role?: string;
    Availability?: string;
    Labels?: Record<string, string>;
    TaskTemplate?: { ContainerSpec?: { Image?: string } };
  };
  Description?: { Hostname?: string };
}

const named = (answer: Managed[]) => answer.flatMap(({ Spec }) => (Spec?.Name ? [{ word: Spec.Name }] : []));

const services = (answer: Managed[]) =>
  answer.flatMap(({ Spec }) =>
    Spec?.Name
      ? [{ word: Spec.Name, description: Spec.TaskTemplate?.ContainerSpec?.Image?.replace(/@.*/, '') }]
      : [],
  );

const stacks = (answer: Managed[]) => {
  const names = new Set(answer.flatMap(({ Spec }) => Spec?.Labels?.[stackLabel] ?? []));
  return [...names].sort().map((word) => ({ word }));
};

const nodes = (answer: Managed[]) => {
  const known = answer.flatMap(({ Spec, Description }) =>
    Description?.Hostname
      ? [{ word: Description.Hostname, description: `${Spec?.Role}, ${Spec?.Availability}` }]
      : [],
  );
  return [...known, { word: 'self', description: 'The node that answers' }];
};

/** The names of each kind. */
export const sources: Readonly<Record<EngineKind, Source>> = {
  containers: source('/containers/json?all=1', containers),
  running: source('/containers/json', containers, { status: ['running'] }),
  stopped: source('/containers/json?all=1', containers, { status: ['created', 'exited'] }),
  paused: source('/containers/json?all=1', containers, { status: ['paused'] }),
  images: source('/images/json', images),
  networks: source('/networks', driven),
  volumes: source('/volumes', ({ Volumes }: { Volumes: Driven[] | null }) => driven(Volumes)),
  services: source('/services', services),
  scales: source('/services', (answer: Managed[]) =>
    services(answer).map((one) => ({ ...one, word: `${one.word}=` })),
  ),
  stacks: source('/services', stacks, { label: [stackLabel] }),
  nodes: source('/nodes', nodes),
  secrets: source('/secrets', named),
  configs: source('/configs', named),
};
