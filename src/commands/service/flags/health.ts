import { flag } from '../../flag.ts';

const group = { group: 'Health and logs' };

/** Health checks and logs. */
export const healthFlags = {
  healthCmd: flag.string({ value: 'command', summary: 'Command that checks their health', ...group }),
  healthInterval: flag.duration({ value: 'time', summary: 'Time between checks', ...group }),
  healthTimeout: flag.duration({ value: 'time', summary: 'Longest time of a check', ...group }),
  healthRetries: flag.integer({
    value: 'number',
    summary: 'Failures in a row that make them unhealthy',
    ...group,
  }),
  healthStartPeriod: flag.duration({
    value: 'time',
    summary: 'Time to come up, in which failures do not count',
    since: '1.29',
    ...group,
  }),
  healthStartInterval: flag.duration({
    value: 'time',
    summary: 'Time between checks meanwhile',
    since: '1.44',
    ...group,
  }),
  noHealthcheck: flag.boolean({ summary: 'Do not check their health, whatever the image says', ...group }),
  logDriver: flag.string({ value: 'driver', summary: 'Driver of the logs', ...group }),
  logOpt: flag.list({ value: 'name=value', summary: 'Options of the log driver', ...group }),
};
