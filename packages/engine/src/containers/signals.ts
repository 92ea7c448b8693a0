import { constants } from 'node:os';
import { EngineError } from '../errors.ts';

const firstRealTime = 34;
const lastRealTime = 64;

/** Reads a signal as clients write it: `9`, `KILL`, `SIGKILL`, `rtmin+3`. Throws a bad parameter. */
export function parseSignal(text: string): number {
  const invalid = () => new EngineError('badParameter', `invalid signal: ${text}`);
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number < 1 || number > lastRealTime) throw invalid();
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realTime = /^RTM(IN|AX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realTime) {
    const steps = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1);
    const number = (realTime[1] === 'IN' ? firstRealTime : lastRealTime) + steps;
    if (number < firstRealTime || number > lastRealTime) throw invalid();
    return number;
  }
  const number = (constants.signals as Record<string, number>)[`SIG${name}`];
  if (number === undefined) throw invalid();
  return number;
}
