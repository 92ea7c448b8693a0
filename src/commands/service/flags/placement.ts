import { listOf } from '../../container/options/flags/kinds.ts';
import { flag } from '../../flag.ts';
import { parsePreference } from '../spec/placement.ts';
import { reading } from './kinds.ts';

const group = { group: 'Placement and rollout' };
const constraint = { value: 'rule', summary: 'Where tasks may run, as in node.role==worker', ...group };
const preference = (summary: string) =>
  flag.custom({
    value: 'spread=label',
    summary,
    since: '1.28',
    ...group,
    ...listOf('pref', reading(parsePreference)),
  });

/** Where tasks run, for services that are made. */
export const placementCreateFlags = {
  constraint: flag.list(constraint),
  placementPref: preference('Spread the tasks over the values of a label'),
  mode: flag.string({
    summary: 'Mode of the service: replicated, global, replicated-job or global-job',
    choices: ['replicated', 'global', 'replicated-job', 'global-job'],
    default: 'replicated',
    ...group,
  }),
};

/** The same for services that are changed. */
export const placementUpdateFlags = {
  constraintAdd: flag.list(constraint),
  constraintRm: flag.list({ ...constraint, summary: 'Remove a rule' }),
  placementPrefAdd: preference('Spread the tasks over the values of a label'),
  placementPrefRm: preference('Spread them over that label no more'),
};
