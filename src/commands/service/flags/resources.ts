import { checkedList } from '../../container/options/flags/kinds.ts';
import { parseCpus } from '../../container/options/resources.ts';
import { flag } from '../../flag.ts';
import { checkGenericResource } from '../spec/generic.ts';
import { reading } from './kinds.ts';

const group = { group: 'Resources' };

const cpus = (summary: string) =>
  flag.custom<number | undefined>({
    type: 'decimal',
    value: 'number',
    summary,
    default: undefined,
    parse: parseCpus,
    ...group,
  });

/** Limits, and what a node must have free. */
export const resourceFlags = {
  limitCpu: cpus('Most CPUs, as in 1.5'),
  limitMemory: flag.bytes({ value: 'bytes', summary: 'Most memory', ...group }),
  limitPids: flag.integer({ value: 'number', summary: 'Most processes', since: '1.41', ...group }),
  reserveCpu: cpus('CPUs that a node must have free'),
  reserveMemory: flag.bytes({ value: 'bytes', summary: 'Memory that a node must have free', ...group }),
  oomScoreAdj: flag.integer({
    value: '-1000..1000',
    summary: 'How readily they are killed for want of memory',
    since: '1.46',
    ...group,
  }),
};

const generic = {
  value: 'kind=number',
  summary: 'Other things that a node must have free',
  ...group,
  ...checkedList(reading(checkGenericResource)),
};

/** The same for services that are made. */
export const resourceCreateFlags = { genericResource: flag.custom(generic) };

/** The same for services that are changed. */
export const resourceUpdateFlags = {
  genericResourceAdd: flag.custom(generic),
  genericResourceRm: flag.list({ value: 'kind', summary: 'Remove other things of a kind', ...group }),
};
