import { defineConfig } from 'vitest/config';

/** Tests of the whole project that need neither root nor Linux. */
const ofTheProject = [
  'test/commands.test.ts',
  'test/compiled.test.ts',
  'test/flags.test.ts',
  'test/floors.test.ts',
  'test/modules.test.ts',
  'test/newer.test.ts',
  'test/original.test.ts',
  'test/surface.test.ts',
];

/** What networks and volumes do is asked of a real dockerd as well. */
const comparable = ['user-network', 'network', 'dns', 'volumes', 'mounts', 'propagation', 'df'];

const acceptance = 'test/acceptance/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'packages/*/src/**/*.test.ts', ...ofTheProject],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'original',
          include: comparable.map((name) => `test/${name}.test.ts`),
          env: { DAVIT_TEST_ENGINE: 'dockerd' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // What takes long and downloads: run by hand, `npm run acceptance`.
        test: { name: 'acceptance', include: [acceptance], testTimeout: 60_000, hookTimeout: 120_000 },
      },
      {
        test: {
          name: 'end-to-end',
          include: ['test/**/*.test.ts'],
          exclude: [...ofTheProject, acceptance],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Every file has an engine, and so have containers: more of them at once only get in each other's way.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
