import { botManifestJsonSchema, botSpecJsonSchema } from '@botplane/botspec';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Options } from '../options.ts';

/** `botplane schema`: the JSON Schema that editors check against. */
export function schemaCommand(_files: readonly string[], options: Options, io: Io): ExitCode {
  io.out(JSON.stringify(options.bot ? botManifestJsonSchema() : botSpecJsonSchema(), null, 2));
  return EXIT.good;
}
