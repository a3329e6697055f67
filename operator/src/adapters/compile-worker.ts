import { parentPort } from 'node:worker_threads';
import { buildArtefacts, compileBotSpec } from '@botplane/botspec';
import type { CompileAnswer, CompileJob } from './compile-protocol.ts';
import { preflight } from './preflight.ts';

/** Runs in the compiler's thread: one job in, one answer out. */
async function answer({ botId, botSpec, secretNames, limits }: CompileJob): Promise<CompileAnswer> {
  const result = compileBotSpec(botSpec, { secretNames });
  if (!result.ok) return { kind: 'invalid', errors: result.errors.map(({ code, path, message, remedy }) => ({ code, path, message, ...(remedy === undefined ? {} : { remedy }) })) };
  const { files, passport } = await buildArtefacts({ botId, spec: botSpec, program: result.program, limits });
  const problems = preflight(files, passport);
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'compiled', passport, files };
}

parentPort?.on('message', ({ id, job }: { id: number; job: CompileJob }) => {
  answer(job).then(
    (done) => parentPort?.postMessage({ id, answer: done }),
    (error: unknown) => parentPort?.postMessage({ id, answer: { kind: 'broken', message: error instanceof Error ? error.message : 'the compiler failed' } satisfies CompileAnswer }),
  );
});
