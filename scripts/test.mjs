// npm test: sets up what is missing, builds, checks, and runs the tests. Arguments are vitest's
// (`npm test -- test/run.test.ts`). The last line counts the tests.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { main, runShown, say, setUp } from './setup.mjs';

function count(report) {
  const { testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
  // A file that cannot be loaded has no test that could fail.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

main(() => {
  const { node, obstacle } = setUp('test');
  const checks = [
    ['biome check', 'node_modules/@biomejs/biome/bin/biome', 'check'],
    ['type check', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ];
  const broken = checks.filter(([name, ...args]) => {
    say(name);
    return runShown(node, args) !== 0;
  });

  const directory = mkdtempSync(`${tmpdir()}/davit-test-report-`);
  const projects = obstacle ? ['unit'] : ['unit', 'end-to-end', 'original'];
  const code = runShown(node, [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${directory}/report.json`,
    ...process.argv.slice(2),
  ]);
  const report = readReport(`${directory}/report.json`);
  rmSync(directory, { recursive: true });

  if (obstacle) say(`skipped all end-to-end tests: ${obstacle}`);
  for (const [name] of broken) say(`failed: ${name}`);
  if (!report) {
    say('vitest wrote no report');
    return 1;
  }
  const { passed, failed, skipped } = count(report);
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return code !== 0 || failed > 0 || broken.length > 0 ? 1 : 0;
});
