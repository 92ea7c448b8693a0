import type { Task } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { capitalized } from '../swarm-words.ts';
import { ellipsis, shortId } from '../text.ts';
import { timeAgo } from '../units.ts';

/** A task as lists show it: with the names behind its IDs. */
export interface ListedTask {
  task: Task;
  /** Of its service, with its place among the tasks. */
  name: string;
  /** The name of its node. */
  node: string;
}

export interface TaskColumnOptions {
  /** Whether long values are shown whole. */
  whole: boolean;
  now: Date;
}

/** What a list of tasks can show. */
export function taskList({ whole, now }: TaskColumnOptions): ListDefinition<ListedTask> {
  return {
    goName: 'task.taskContext',
    columns: {
      ID: { heading: 'ID', of: ({ task }) => (whole ? task.ID : shortId(task.ID)) },
      Name: { heading: 'NAME', of: ({ name }) => name },
      Image: { heading: 'IMAGE', of: ({ task }) => imageName(task.Spec.ContainerSpec?.Image ?? '', whole) },
      Node: { heading: 'NODE', of: ({ node }) => node },
      DesiredState: { heading: 'DESIRED STATE', of: ({ task }) => capitalized(task.DesiredState) },
      CurrentState: {
        heading: 'CURRENT STATE',
        of: ({ task: { Status } }) =>
          `${capitalized(Status.State)} ${timeAgo(Status.Timestamp ?? '', now).toLowerCase()}`,
      },
      Error: {
        heading: 'ERROR',
        of: ({ task: { Status } }) => {
          const error = Status.Err ? `"${Status.Err}"` : '';
          return whole ? error : ellipsis(error, 30);
        },
      },
      Ports: {
        heading: 'PORTS',
        of: ({ task }) =>
          (task.Status.PortStatus?.Ports ?? [])
            .map((port) => `*:${port.PublishedPort}->${port.TargetPort}/${port.Protocol}`)
            .join(','),
      },
    },
  };
}

/** The image without the digest that the manager has found, unless all is to be shown. */
function imageName(image: string, whole: boolean): string {
  if (whole) return image;
  return image.replace(/@sha256:[0-9a-f]+$/, '').replace(/^docker\.io\/(?:library\/)?/, '');
}
