import { expect, it } from 'vitest';
import { run } from './command.ts';
import { NoCluster, forgiveSlowness } from './test-target.ts';

it('tools that are not built in time are no fault of the project: there is no cluster', async () => {
  const failure = await forgiveSlowness('not built', run('sleep', ['60'], { timeoutMs: 50 })).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NoCluster);
  expect((failure as Error).message).toMatch(/^not built: sleep 60: not done after/);
});

it('tools that do not build are a failure', async () => {
  const failure = await forgiveSlowness('not built', run('ls', ['/no/such/folder'])).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(NoCluster);
});
