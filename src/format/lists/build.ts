import type { BuildStep, BuildSummary } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { ellipsis } from '../text.ts';
import { humanSize, timeAgo } from '../units.ts';

/** Seconds as people read them: `0.03s`, `12.4s`, `3m 5s`. */
export function secondsText(seconds: number): string {
  if (seconds >= 60) return `${Math.trunc(seconds / 60)}m ${Math.trunc(seconds % 60)}s`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)}s`;
}

/** What a build is called: the names of its image, or where it comes from. */
export const buildName = ({ Names, Dockerfile, Target }: BuildSummary): string =>
  Names.length > 0 ? Names.join(', ') : `${Dockerfile}${Target === '' ? '' : ` (${Target})`}`;

/** What `builder history` can show. */
export function buildList({ whole, now }: { whole: boolean; now: Date }): ListDefinition<BuildSummary> {
  return {
    goName: 'formatter.buildContext',
    columns: {
      ID: { heading: 'BUILD ID', of: ({ ID }) => (whole ? ID : ID.slice(0, 12)) },
      Name: { heading: 'NAME', of: (build) => (whole ? buildName(build) : ellipsis(buildName(build), 40)) },
      Status: { heading: 'STATUS', of: ({ Status }) => Status },
      CreatedAt: { heading: 'CREATED AT', of: ({ StartedAt }) => StartedAt },
      CreatedSince: { heading: 'CREATED', of: ({ StartedAt }) => timeAgo(StartedAt, now) },
      Duration: {
        heading: 'DURATION',
        of: ({ Status, Seconds }) => (Status === 'running' ? '' : secondsText(Seconds)),
      },
      Steps: { heading: 'STEPS', of: ({ Steps }) => String(Steps) },
      Cached: { heading: 'CACHED', of: ({ CachedSteps }) => String(CachedSteps) },
      Image: { heading: 'IMAGE', of: ({ Image }) => Image },
      Error: { heading: 'ERROR', of: (build) => build.Error },
    },
  };
}

/** What `builder inspect` shows of steps. */
export const buildStepList: ListDefinition<BuildStep> = {
  goName: 'formatter.buildStepContext',
  columns: {
    Number: { heading: 'STEP', of: (step) => String(step.Number) },
    Stage: { heading: 'STAGE', of: ({ Stage }) => Stage },
    Status: { heading: 'STATUS', of: ({ Status }) => Status },
    StartedAfter: {
      heading: 'STARTED',
      of: ({ Status, StartedAfter }) => (Status === 'waiting' ? '' : `+${secondsText(StartedAfter)}`),
    },
    Duration: {
      heading: 'DURATION',
      of: ({ Status, Seconds }) => (Status === 'waiting' ? '' : secondsText(Seconds)),
    },
    Size: { heading: 'SIZE', of: ({ Bytes }) => humanSize(Bytes) },
    Instruction: {
      heading: 'INSTRUCTION',
      of: ({ Instruction }) => ellipsis(Instruction.replaceAll(/\s+/g, ' '), 70),
    },
  },
};
