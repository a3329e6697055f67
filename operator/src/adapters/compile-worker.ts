import { parentPort } from 'node:worker_threads';
import { buildArtefacts, compileBotSpec, engineSource, parseBotSpec, parseBundledSpec, runTests } from '@botplane/botspec';
import type { Bundle, ParseResult } from '@botplane/botspec';
import { sha256Hex } from '@botplane/domain';
import type { CompileAnswer, CompileJob, SpecSource, TestAnswer } from './compile-protocol.ts';
import { preflight } from './preflight.ts';

/** Runs in the compiler's thread: one job in, one answer out. */
function compile({ botId, source, secretNames, testsOnly, limits: { memoryMiB = 0, cpuMs = 0 } }: CompileJob): CompileAnswer | TestAnswer {
  const parsed = parse(source);
  if (!parsed.ok) return { kind: 'invalid', errors: parsed.errors };
  const spec = parsed.value;
  const compiled = compileBotSpec(spec, { secretNames, ...(parsed.positions ? { positions: parsed.positions } : {}), ...bundleOf(botId, source) });
  if (!compiled.ok) return { kind: 'invalid', errors: compiled.errors };
  if (testsOnly) return test(spec as Parameters<typeof runTests>[0], compiled.program);
  // A limit of 0 is the default of the runtime pod.
  const { passport, encode } = buildArtefacts({ botId, spec, compiled, limits: { memoryMiB, cpuMs }, secretNames });
  const encoded = encode();
  const problems = preflight(encoded, passport);
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'compiled', passport, warnings: compiled.warnings, media: compiled.files, files: encoded };
}

function test(spec: Parameters<typeof runTests>[0], program: Parameters<typeof runTests>[1]): TestAnswer {
  const results = runTests(spec, program);
  return { kind: 'tested', count: results.length, failures: results.filter(({ ok }) => !ok).map(({ name, path, problem }) => `${name} (${path}): ${problem}`) };
}

/** Of a published spec all files were there: its bundle may be gone, and to its tests they are names. */
const PUBLISHED_FILES: Bundle['files'] = { get: (path) => ({ sha256: sha256Hex(path), bytes: 1 }), keys: () => new Map<string, never>().keys() };

function bundleOf(botId: string, source: SpecSource): { bundle?: Bundle } {
  if ('published' in source) return { bundle: { botId, files: PUBLISHED_FILES } };
  return 'files' in source ? { bundle: { botId, files: source.files } } : {};
}

function parse(source: SpecSource): ParseResult | { ok: true; value: unknown; positions?: undefined } {
  if ('published' in source) return { ok: true, value: JSON.parse(source.published) as unknown };
  if ('botSpec' in source) return { ok: true, value: source.botSpec };
  return 'text' in source ? parseBotSpec(source.text) : parseBundledSpec(source.bundled);
}

function answer(job: CompileJob): CompileAnswer | TestAnswer {
  try {
    return compile(job);
  } catch (error) {
    return { kind: 'broken', message: error instanceof Error ? error.message : 'the compiler failed' };
  }
}

// The engine is read, or bundled, before the first job asks for it.
engineSource();
parentPort?.on('message', ({ id, job }: { id: number; job: CompileJob }) => {
  const result = answer(job);
  const handedOver = result.kind === 'compiled' ? Object.values(result.files).map((file) => file.buffer) : [];
  parentPort?.postMessage({ id, answer: result }, handedOver);
});
