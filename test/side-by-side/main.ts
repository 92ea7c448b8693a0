import { compare } from './compare.ts';
import { readLanes } from './lanes.ts';
import { report } from './report.ts';

// Arguments are names of lanes; all of them without.
const wanted = process.argv.slice(2);
const lanes = readLanes(true).filter(({ name }) => wanted.length === 0 || wanted.includes(name));
process.stdout.write(`${report(await compare(lanes))}\n`);
