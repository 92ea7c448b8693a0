import type { StoredFile } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { timeAgo } from '../units.ts';
import { describeLabels } from './container.ts';

/** What a list of secrets or of configs can show. */
export function storedFileList(kind: 'secret' | 'config', now: Date): ListDefinition<StoredFile> {
  return {
    goName: `${kind}.${kind}Context`,
    columns: {
      ID: { heading: 'ID', of: ({ ID }) => ID },
      Name: { heading: 'NAME', of: ({ Spec }) => Spec.Name },
      ...(kind === 'secret' && {
        Driver: { heading: 'DRIVER', of: ({ Spec }: StoredFile) => Spec.Driver?.Name ?? '' },
      }),
      CreatedAt: { heading: 'CREATED', of: ({ CreatedAt }) => timeAgo(CreatedAt, now) },
      UpdatedAt: { heading: 'UPDATED', of: ({ UpdatedAt }) => timeAgo(UpdatedAt, now) },
      Labels: { heading: 'LABELS', of: ({ Spec }) => describeLabels(Spec.Labels ?? {}) },
    },
    label: ({ Spec }, name) => Spec.Labels?.[name] ?? '',
  };
}
