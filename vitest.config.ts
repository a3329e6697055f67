import { defineConfig } from 'vitest/config';

/**
 * Packages resolve to their sources in tests, so no build is needed before a test run.
 * `import` and `module` must not be named: Vitest hands these to Node, and `require` would load ES modules.
 */
const conditions = ['@botplane/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    // Patience, not goals: a machine at ten times its load is slow, and nothing fails for that.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    server: { deps: { inline: [/@botplane\//] } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['{libs,services,tools}/*/src/**/*.test.ts', 'services/*/playground/**/*.test.ts', 'operator/src/**/*.test.ts', '{chaos,bench,e2e}/src/**/*.test.ts'] } },
      { extends: true, test: { name: 'integration', maxWorkers: 3, include: ['{libs,services,tools}/*/test/**/*.test.ts', 'operator/test/**/*.test.ts', 'chaos/test/**/*.test.ts'] } },
      { extends: true, test: { name: 'e2e', include: ['e2e/journeys/**/*.test.ts'], globalSetup: ['e2e/src/global-setup.ts'], fileParallelism: false, hookTimeout: 600_000 } },
      // On a cluster that tools/test/cluster.mjs brings up. Journeys of the local environment are made there, too.
      { extends: true, test: { name: 'e2e-cluster', include: ['e2e/cluster/**/*.test.ts', 'e2e/journeys/{echo,examples}.test.ts'], globalSetup: ['e2e/src/cluster/global-setup.ts'], fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 } },
    ],
  },
});
