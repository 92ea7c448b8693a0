import type { ServiceMount } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import { withoutEmpty } from '../../service/spec/empty.ts';
import type { ComposeMount } from '../compose/types.ts';
import { labelled, type Stack, scoped } from './stack.ts';

function checkOptions(mount: ComposeMount): void {
  for (const kind of ['bind', 'volume', 'tmpfs'] as const) {
    const isFitting = mount.type === kind || (kind === 'volume' && mount.type === 'cluster');
    if (mount[kind] && !isFitting) {
      throw new CommandError(`${kind} options are incompatible with type ${mount.type}`);
    }
  }
}

function volumeMount(stack: Stack, mount: ComposeMount, common: ServiceMount): ServiceMount {
  const { source = '', volume = {} } = mount;
  if (source === '') return common;
  const definition = stack.file.volumes?.[source];
  if (!definition) throw new CommandError(`undefined volume ${JSON.stringify(source)}`);
  const given = withoutEmpty({ NoCopy: volume.nocopy, Subpath: volume.subpath });
  const Source = definition.name || scoped(stack, source);
  if (definition.external) {
    return withoutEmpty({ ...common, Source, VolumeOptions: mount.volume ? given : undefined });
  }
  const { driver, driver_opts: options } = definition;
  return {
    ...common,
    Source,
    VolumeOptions: {
      ...given,
      Labels: labelled(stack, definition.labels),
      ...(driver || options ? { DriverConfig: withoutEmpty({ Name: driver, Options: options }) } : {}),
    },
  };
}

/** A mount of a service. Throws CommandError in docker's words. */
export function convertMount(stack: Stack, mount: ComposeMount): ServiceMount {
  checkOptions(mount);
  const common: ServiceMount = withoutEmpty({
    Type: mount.type,
    Target: mount.target,
    ReadOnly: mount.read_only,
    Consistency: mount.consistency,
  });
  const { source = '' } = mount;
  switch (mount.type) {
    case '':
    case 'volume':
      return volumeMount(stack, mount, { ...common, Type: 'volume' });
    case 'bind':
      if (source === '') throw new CommandError('invalid bind source, source cannot be empty');
      return withoutEmpty({
        ...common,
        Source: source,
        BindOptions: mount.bind && withoutEmpty({ Propagation: mount.bind.propagation }),
      });
    case 'tmpfs':
      if (source !== '') throw new CommandError('invalid tmpfs source, source must be empty');
      return withoutEmpty({
        ...common,
        TmpfsOptions: mount.tmpfs && withoutEmpty({ SizeBytes: mount.tmpfs.size }),
      });
    case 'npipe':
      if (source === '') throw new CommandError('invalid npipe source, source cannot be empty');
      return { ...common, Source: source };
    case 'cluster': {
      if (source === '') throw new CommandError('invalid cluster source, source cannot be empty');
      const { external, name } = stack.file.volumes?.[source] ?? {};
      const isGroup = source.startsWith('group:');
      const own = name || (external ? source : scoped(stack, source));
      return { ...common, Source: isGroup ? source : own, ClusterOptions: {} };
    }
    default:
      throw new CommandError('volume type must be volume, bind, tmpfs, npipe, or cluster');
  }
}
