import { routes } from '@davit/api';
import { CommandError } from '../../exit.ts';
import { atMost, defineCommand, flag } from '../command.ts';
import { splitPair } from '../values.ts';

const group = 'Volumes of a Swarm';
const cluster = { group, since: '1.42' };

/** A place that a volume is wanted at, as in `region=north,zone=1`. */
function segments(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map(splitPair));
}

export default defineCommand({
  usage: '[OPTIONS] [VOLUME]',
  summary: 'Create a volume',
  description:
    'Makes a volume, or finds the one of that name. The driver local takes the options type, device and o, as ' +
    'mount(8) does; without them the files are in a folder of the engine.',
  examples: [
    { command: 'volume create data', explanation: 'A volume in a folder of the engine' },
    {
      command: 'volume create -o type=tmpfs -o device=tmpfs -o o=size=100m cache',
      explanation: 'One in memory',
    },
    {
      command: 'volume create -o type=nfs -o device=:/srv/data -o o=addr=10.0.0.5,rw shared',
      explanation: 'One on another machine',
    },
  ],
  arguments: atMost(1),
  flags: {
    driver: flag.string({ short: 'd', summary: 'Specify the driver of the volume', default: 'local' }),
    label: { ...flag.map({ summary: 'Give the volume a label' }), type: 'list' },
    name: flag.string({ summary: 'Name of the volume', hidden: true }),
    opt: flag.map({ short: 'o', summary: 'Set an option of the driver' }),
    availability: flag.string({
      ...cluster,
      summary: 'Whether tasks may use it: active, pause or drain',
      choices: ['active', 'pause', 'drain'],
    }),
    group: flag.string({ ...cluster, summary: 'Group that it belongs to' }),
    limitBytes: flag.bytes({ ...cluster, summary: 'The most that it may hold' }),
    requiredBytes: flag.bytes({ ...cluster, summary: 'The least that it must hold' }),
    scope: flag.string({ ...cluster, summary: 'On how many nodes it may be used: single or multi' }),
    secret: flag.map({ ...cluster, summary: 'Secrets that its driver needs' }),
    sharing: flag.string({
      ...cluster,
      summary: 'How tasks may share it: none, readonly, onewriter or all',
    }),
    topologyPreferred: flag.list({ ...cluster, summary: 'Where it had better be reached from' }),
    topologyRequired: flag.list({ ...cluster, summary: 'Where it must be reached from' }),
    type: flag.string({ ...cluster, summary: 'What tasks get of it: mount or block' }),
  },
  run: async (options, [named], context) => {
    if (named !== undefined && options.name !== undefined) {
      throw new CommandError(
        'conflicting options: cannot specify a volume-name through both --name and as a positional arg',
      );
    }
    const client = await context.connect();
    const { Name } = await client.call(routes.volumeCreate, {
      body: {
        Name: named ?? options.name ?? '',
        Driver: options.driver,
        DriverOpts: orUndefined(options.opt),
        Labels: orUndefined(options.label),
        ...(wantsCluster(options) && { ClusterVolumeSpec: clusterSpec(options) }),
      },
    });
    await context.streams.out.line(Name);
    return 0;
  },
});

/** What is empty is not sent at all. */
function orUndefined(values: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(values).length > 0 ? values : undefined;
}

interface ClusterOptions {
  availability: string | undefined;
  group: string | undefined;
  limitBytes: number | undefined;
  requiredBytes: number | undefined;
  scope: string | undefined;
  secret: Record<string, string>;
  sharing: string | undefined;
  topologyPreferred: string[];
  topologyRequired: string[];
  type: string | undefined;
}

function wantsCluster(options: ClusterOptions): boolean {
  const { availability, group: name, limitBytes, requiredBytes, scope, secret, sharing, type } = options;
  const given = [availability, name, limitBytes, requiredBytes, scope, sharing, type];
  return given.some((value) => value !== undefined) || Object.keys(secret).length > 0;
}

function clusterSpec(options: ClusterOptions) {
  const { scope = 'single', sharing = 'none', availability = 'active', type = 'block' } = options;
  const Secrets = Object.entries(options.secret).map(([Key, Secret]) => ({ Key, Secret }));
  return {
    Group: options.group ?? '',
    Availability: availability,
    AccessMode: {
      Scope: scope,
      Sharing: sharing,
      ...(type === 'mount' ? { MountVolume: { FsType: '', MountFlags: null } } : { BlockVolume: {} }),
    },
    CapacityRange: { RequiredBytes: options.requiredBytes ?? 0, LimitBytes: options.limitBytes ?? 0 },
    Secrets: Secrets.sort((one, other) => (one.Key < other.Key ? -1 : 1)),
    AccessibilityRequirements: {
      Requisite: options.topologyRequired.map((text) => ({ Segments: segments(text) })),
      Preferred: options.topologyPreferred.map((text) => ({ Segments: segments(text) })),
    },
  };
}
