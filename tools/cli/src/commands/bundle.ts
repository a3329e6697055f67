import { dirname } from 'node:path';
import { BUNDLE_SPEC_FILE, bundleKey, compileManifest, packBundle } from '@botplane/botspec';
import type { UsedFile } from '@botplane/botspec';
import { FolderFiles } from '../folder-files.ts';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Options } from '../options.ts';
import { findSpecs } from '../load.ts';
import { counted, findingLine } from '../report.ts';

/**
 * `botplane bundle FOLDER|FILE [-o OUT] [--push s3://BUCKET]`: one tar of the spec and the files that it names, nothing else of the folder. The
 * same files give the same bytes on every machine.
 */
export async function bundleCommand(paths: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const [path] = paths;
  if (path === undefined || path === '-' || paths.length > 1) throw new Error('bundle needs one folder with a bot.yaml, or the file itself');
  const bucket = options.push === undefined ? undefined : bucketOf(options.push);
  const isFolder = io.isFolder(path);
  const folder = isFolder ? path : dirname(path);
  // A Bot whose spec names files is what a bundle is for, so a file is read like bot.yaml of a folder.
  const { file, found } = isFolder ? findSpecs(path, io) : { file: path, found: compileManifest(io.readFile(path), { packed: true, files: new FolderFiles(folder, io) }) };
  const [spec] = found;
  if (!spec) throw new Error(`${file} holds no spec`);
  if (!spec.result.ok) {
    for (const error of spec.result.errors) io.err(findingLine(file, 'error', error));
    return EXIT.found;
  }
  for (const warning of spec.result.warnings) io.err(findingLine(file, 'warning', warning));

  const { bytes, digest } = packBundle(contentOf(io.readFile(file), spec.result.files, folder, io));
  io.out(`# ${counted(spec.result.files.length + 1, 'file')}, ${bytes.length} bytes`);
  if (options.out !== undefined) io.writeFile(options.out, bytes);
  if (bucket !== undefined) io.out(`# s3://${bucket}/${bundleKey(digest)} ${(await io.push(bucket, bundleKey(digest), bytes)) === 'created' ? 'written' : 'is there already'}`);
  if (options.out === undefined && bucket === undefined) io.err('nothing was written: -o FILE keeps the bundle, --push s3://BUCKET puts it where the operator looks');
  io.out(`source:\n  bundleRef:\n    digest: ${digest}`);
  return EXIT.good;
}

function bucketOf(url: string): string {
  const [, bucket] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(url) ?? [];
  if (bucket === undefined) throw new Error(`--push takes s3://BUCKET, the bucket of the install; the operator looks for bundles/<digest>.tar in it`);
  return bucket;
}

function contentOf(specText: string, used: readonly UsedFile[], folder: string, io: Io): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([[BUNDLE_SPEC_FILE, new TextEncoder().encode(specText)]]);
  for (const { path } of used) {
    const content = io.readBelow(folder, path);
    if (!content) throw new Error(`${path} is gone`);
    files.set(path, content);
  }
  return files;
}
