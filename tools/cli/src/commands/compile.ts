import { join } from 'node:path';
import { buildArtefacts, offlineBotId } from '@botplane/botspec';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Options } from '../options.ts';
import { loadSpec } from '../load.ts';

/** `botplane compile FILE --out DIR`: what the operator would publish, with default limits. */
export function compileCommand(files: readonly string[], options: Options, io: Io): ExitCode {
  const loaded = loadSpec(files[0], 'compile', io);
  if (!loaded) return EXIT.found;
  const { revHash, files: artefacts } = buildArtefacts({ botId: offlineBotId(loaded.name), spec: loaded.spec, compiled: loaded, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
  for (const [name, content] of Object.entries(artefacts)) {
    if (options.out !== undefined) io.writeFile(join(options.out, name), content);
    io.out(`${String(Buffer.byteLength(content)).padStart(8)} bytes  ${options.out === undefined ? name : join(options.out, name)}`);
  }
  io.out(`revision ${revHash}`);
  return EXIT.good;
}
