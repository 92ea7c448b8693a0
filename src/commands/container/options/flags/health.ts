import { flag } from '../../../flag.ts';

const group = { group: 'Health and logs' };

/** Health checks and logs. */
export const healthFlags = {
  healthCmd: flag.string({ value: 'command', summary: 'Command that checks its health', ...group }),
  healthInterval: flag.duration({ value: 'time', summary: 'Time between checks', default: 0, ...group }),
  healthTimeout: flag.duration({ value: 'time', summary: 'Longest time of a check', default: 0, ...group }),
  healthRetries: flag.integer({
    value: 'number',
    summary: 'Failures in a row that make it unhealthy',
    default: 0,
    ...group,
  }),
  healthStartPeriod: flag.duration({
    value: 'time',
    summary: 'Time to come up, in which failures do not count',
    default: 0,
    ...group,
  }),
  healthStartInterval: flag.duration({
    value: 'time',
    summary: 'Time between checks meanwhile',
    default: 0,
    since: '1.44',
    ...group,
  }),
  noHealthcheck: flag.boolean({ summary: 'Do not check its health, whatever the image says', ...group }),
  logDriver: flag.string({ value: 'driver', summary: 'Driver of the log', ...group }),
  logOpt: flag.list({ value: 'name=value', summary: 'Options of the log driver', ...group }),
};
