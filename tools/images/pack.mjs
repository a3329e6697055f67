// Packs a built service with what it needs at run time and nothing else: `node tools/images/pack.mjs OUT [service…]`.
// The folders keep their places below OUT/<service>, so that imports resolve as they do in the repository.
import { cpSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { productionClosure } from './closure.mjs';
import { makeSbom } from './sbom.mjs';
import { SERVICES } from './services.mjs';

const root = join(import.meta.dirname, '../..');
/** Nobody needs these of a package at run time; licences stay. */
const UNUSED_FILE = /(\.d\.[cm]?ts|\.map|\.md|\.markdown|\.tsbuildinfo|\.ts|\.flow)$/i;
/** Large parts of packages that we do not use: Prisma's compilers for other databases, and esbuild's second copy of its binary. */
const UNUSED_PART = /\/(query_compiler_\w+_bg\.(sqlserver|sqlite|mysql|cockroachdb)\.\S+|node_modules\/esbuild\/bin\/esbuild)$/;
const LICENCE = /^(licen[cs]e|notice|copying)/i;
const UNUSED_FOLDER = new Set(['node_modules', 'test', 'tests', '__tests__', 'example', 'examples', 'docs', '.github', 'coverage', 'bench', 'benchmark']);

/** Writes OUT/<service>: its code, packages, extra files, and `sbom.cdx.json`. */
export function packService(service, out, { platform = process.platform, arch = process.arch } = {}) {
  const { folder, files } = SERVICES[service];
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  if (!existsSync(join(root, folder, 'dist/main.js'))) throw new Error(`${folder} is not built: run \`make build\``);
  const target = join(out, service);
  const paths = productionClosure(lock, folder, { platform, arch, libc: 'glibc' });
  for (const path of paths) {
    const entry = lock.packages[path];
    if (entry.link) link(target, path, entry.resolved);
    else if (path.includes('node_modules/')) copyPackage(path, target, arch);
    else copyWorkspace(path, target);
  }
  for (const name of files) cpSync(join(root, name), join(target, name), { recursive: true });
  const nodeVersion = lock.packages['node_modules/node'].version;
  writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(makeSbom(lock, service, folder, paths, nodeVersion), null, 1)}\n`);
}

function link(target, path, resolved) {
  const place = join(target, path);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(relative(dirname(place), join(target, resolved)), place);
}

function copyWorkspace(path, target) {
  if (!existsSync(join(root, path, 'dist'))) throw new Error(`${path} is not built: run \`make build\``);
  mkdirSync(join(target, path), { recursive: true });
  cpSync(join(root, path, 'package.json'), join(target, path, 'package.json'));
  // Source maps of our own code stay: stack traces name the source.
  cpSync(join(root, path, 'dist'), join(target, path, 'dist'), { recursive: true, filter: (file) => !/\.d\.[cm]?ts(\.map)?$|\.tsbuildinfo$/.test(file) });
}

/** A package without what only people read; nested packages have entries of their own. */
function copyPackage(path, target, arch) {
  const from = join(root, path);
  if (!existsSync(from)) throw new Error(`${path} is not installed: run \`make tools\``);
  const copy = (folder) => {
    const made = { folder: false };
    for (const entry of readdirSync(join(from, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (entry.isDirectory()) {
        const isOther = folder === 'prebuilds' && entry.name !== `linux-${arch}`;
        if (!UNUSED_FOLDER.has(entry.name) && !isOther) copy(name);
      } else if (entry.isFile() && isUsed(join(path, name))) {
        if (!made.folder) mkdirSync(join(target, path, folder), { recursive: true });
        made.folder = true;
        linkOrCopy(join(from, name), join(target, path, name));
      }
    }
  };
  copy('');
}

/** Many thousand files: links cost a fraction of copies, and nobody writes to them. Another disk needs copies. */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch (error) {
    if (error.code !== 'EXDEV' && error.code !== 'EPERM' && error.code !== 'EMLINK') throw error;
    cpSync(from, to);
  }
}

function isUsed(path) {
  const name = basename(path);
  return LICENCE.test(name) || !(UNUSED_FILE.test(name) || UNUSED_PART.test(`/${path}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [out, ...names] = process.argv.slice(2);
  if (out === undefined) throw new Error('say where to: node tools/images/pack.mjs OUT [service…]');
  for (const service of names.length > 0 ? names : Object.keys(SERVICES)) packService(service, out);
}
