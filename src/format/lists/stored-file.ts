import type { StoredFile } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { humanDuration } from '../units.ts';
import { describeLabels } from './container.ts';

/** What a list of secrets or of configs can show. */
export function storedFileList(kind: 'secret' | 'config', now: Date): ListDefinition<StoredFile> {
  const age = (time: string) => `${humanDuration((now.getTime() - Date.parse(time)) / 1000)} ago`;
  return {
    goName: `${kind}.${kind}Context`,
    columns: {
      ID: { heading: 'ID', of: ({ ID }) => ID },
      Name: { heading: 'NAME', of: ({ Spec }) => Spec.Name },
      ...(kind === 'secret' && {
        Driver: { heading: 'DRIVER', of: ({ Spec }: StoredFile) => Spec.Driver?.Name ?? '' },
      }),
      CreatedAt: { heading: 'CREATED', of: ({ CreatedAt }) => age(CreatedAt) },
      UpdatedAt: { heading: 'UPDATED', of: ({ UpdatedAt }) => age(UpdatedAt) },
      Labels: { heading: 'LABELS', of: ({ Spec }) => describeLabels(Spec.Labels ?? {}) },
    },
    label: ({ Spec }, name) => Spec.Labels?.[name] ?? '',
  };
}
