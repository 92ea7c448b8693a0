import type { BuildInspect, BuildStep } from '@davit/api';
import { buildName, secondsText } from './lists/build.ts';
import { humanSize } from './units.ts';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] ?? found);

/** Distances between marks of the time axis, in seconds. */
const distances = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];

/** Where the time axis is marked: some ten marks at round numbers. */
function marksOf(total: number): number[] {
  const distance = distances.find((one) => total / one <= 10) ?? total / 10;
  return Array.from({ length: Math.trunc(total / distance) + 1 }, (_, at) => at * distance);
}

const style = `
:root { color-scheme: light dark; --line: #8884; --cached: #8aa0b4; --completed: #2f855a; --failed: #c53030; --canceled: #b7791f; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.3rem; margin: 0; }
dl { display: flex; flex-wrap: wrap; gap: .2rem 2rem; margin: .7rem 0 1.2rem; }
dl div { display: flex; gap: .5rem; } dt { opacity: .65; } dd { margin: 0; }
pre { border-left: 4px solid var(--failed); padding: .5rem 1rem; white-space: pre-wrap; }
.chart { position: relative; }
.row { display: grid; grid-template-columns: minmax(12rem, 34%) 1fr 9rem; align-items: center; gap: .8rem; min-height: 1.6rem; }
.row:nth-child(odd) { background: #8881; }
.text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-family: ui-monospace, monospace; font-size: 12px; }
.stage { font-weight: 600; margin-top: .8rem; }
.lane { position: relative; height: 1.1rem; }
.bar { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 3px; }
.mark { position: absolute; top: 0; bottom: 0; border-left: 1px solid var(--line); font-size: 11px; padding-left: 3px; opacity: .75; }
.facts { font-size: 12px; opacity: .8; text-align: right; white-space: nowrap; }
${['cached', 'completed', 'failed', 'canceled'].map((name) => `.${name} { background: var(--${name}); }`).join('\n')}
.legend span { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin: 0 .3rem 0 1rem; vertical-align: -1px; }
`;

/** A page for the browser, which needs nothing else, with a bar for each step over the time that it took. */
export function timelinePage(build: BuildInspect): string {
  const { ID, Status, StartedAt, Seconds, Steps, CachedSteps, BuildSteps } = build;
  const total = Math.max(Seconds, ...BuildSteps.map((step) => step.StartedAfter + step.Seconds), 0.001);
  const share = (seconds: number) => `${((seconds / total) * 100).toFixed(3)}%`;
  const marks = marksOf(total).map(
    (at) => `<div class="mark" style="left:${share(at)}">${secondsText(at)}</div>`,
  );
  const row = (step: BuildStep) => {
    const { Number: number, Instruction, Line, Status: status, StartedAfter, Seconds: seconds, Bytes } = step;
    const where = Line > 0 ? `line ${Line}: ` : '';
    const isShown = status !== 'waiting';
    const told = isShown ? `${status}, ${secondsText(seconds)}, ${humanSize(Bytes)}` : 'never begun';
    const bar = isShown
      ? `<div class="bar ${status}" style="left:${share(StartedAfter)};width:${share(seconds)}"></div>`
      : '';
    const title = escaped(`${where}${Instruction}\n${told}`);
    return `<div class="row" title="${title}"><div class="text">${number} ${escaped(Instruction)}</div><div class="lane">${bar}</div><div class="facts">${isShown ? `${secondsText(seconds)} · ${humanSize(Bytes)}` : '–'}</div></div>`;
  };
  const stages = [...new Set(BuildSteps.map(({ Stage }) => Stage))];
  const chart = stages.map((stage) => {
    const heading = stage === '' ? '' : `<div class="stage">${escaped(stage)}</div>`;
    return `${heading}<div>${BuildSteps.filter((step) => step.Stage === stage)
      .map(row)
      .join('\n')}</div>`;
  });
  const facts = {
    Build: ID,
    Status,
    Started: StartedAt,
    Duration: secondsText(Seconds),
    Steps: `${Steps}, ${CachedSteps} cached`,
  };
  const legend = ['cached', 'completed', 'failed', 'canceled'].map(
    (name) => `<span class="${name}"></span>${name}`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Build of ${escaped(buildName(build))}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(buildName(build))}</h1>
<dl>${Object.entries(facts)
    .map(([name, text]) => `<div><dt>${name}</dt><dd>${escaped(text)}</dd></div>`)
    .join('')}</dl>
${build.Error === '' ? '' : `<pre>${escaped(build.Error)}</pre>`}
<div class="legend">${legend.join('')}</div>
<div class="chart">
<div class="row"><div></div><div class="lane">${marks.join('')}</div><div></div></div>
${chart.join('\n')}
</div>
</body>
</html>
`;
}
