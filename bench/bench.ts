// Measures davit beside docker and podman on this machine: the same rows, interleaved in one run, so that what else
// the machine does hits all of them alike. Prints medians and their ratios to docker's.
import { parseArgs } from 'node:util';
import type { Row } from './row.ts';
import { rows } from './rows.ts';
import { formatStarts, formatTable, type Measured, median } from './table.ts';
import { isInstalled, openTool, type Tool, type ToolName, timeNode } from './tool.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string', default: '10' },
    tools: { type: 'string', default: 'davit,docker,podman' },
  },
});

const wanted = values.rows?.split(',');
const unknown = wanted?.filter((key) => !rows.some((row) => row.key === key)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(
    `no such row: ${unknown.join(', ')}; there are: ${rows.map((row) => row.key).join(', ')}\n`,
  );
  process.exit(1);
}
const rounds = Number(values.rounds);

async function measure(row: Row, tools: Tool[]): Promise<Measured> {
  const node: number[] = [];
  const figures = new Map<ToolName, number[]>(tools.map((tool) => [tool.name, []]));
  for (const tool of tools) await row.prepare?.(tool);
  const count = Math.min(rounds, row.mostRounds ?? rounds);
  for (let round = 0; round < count; round++) {
    // Another order each time: none always follows the same neighbour.
    const order = tools
      .map((_, index) => tools[(index + round) % tools.length])
      .filter((tool) => tool !== undefined);
    if (row.aimToNode) node.push(await timeNode());
    for (const tool of order) figures.get(tool.name)?.push(await row.measure(tool, round));
  }
  for (const tool of tools) await row.cleanUp?.(tool);
  const medians = new Map([...figures].map(([name, all]) => [name, median(all)]));
  return { row, figures: medians, node: median(node) };
}

const tools: Tool[] = [];
try {
  for (const name of values.tools.split(',') as ToolName[]) {
    if (await isInstalled(name)) tools.push(await openTool(name));
  }
  const names = tools.map((tool) => tool.name);
  process.stdout.write(`medians of ${rounds} rounds, interleaved: ${names.join(', ')}\n\n`);
  const measured: Measured[] = [];
  for (const row of rows) {
    if (wanted && !wanted.includes(row.key)) continue;
    process.stderr.write(`${row.key}… `);
    measured.push(await measure(row, tools));
  }
  process.stderr.write('\n');
  process.stdout.write(`${formatTable(measured, names)}\n${formatStarts(measured)}`);
} finally {
  for (const tool of tools) {
    const containers = (await tool.output(['ps', '-aq'])).split('\n').filter(Boolean);
    if (containers.length > 0) await tool.output(['rm', '-f', ...containers]);
    await tool.close();
  }
}
