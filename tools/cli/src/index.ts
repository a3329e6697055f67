export { isFolder, listBelow, readBelow } from './adapters/folders.ts';
export { runCli } from './cli.ts';
export { EXIT } from './io.ts';
export type { ExitCode, Io } from './io.ts';
