import { defineConfig } from 'vitest/config';

/** Tests of the whole project that need neither root nor Linux. */
const ofTheProject = [
  'test/commands.test.ts',
  'test/flags.test.ts',
  'test/floors.test.ts',
  'test/modules.test.ts',
  'test/surface.test.ts',
];

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
          name: 'end-to-end',
          include: ['test/**/*.test.ts'],
          exclude: ofTheProject,
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
