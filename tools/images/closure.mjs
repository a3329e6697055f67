// What a workspace needs at run time, from package-lock.json alone: the same answer on every machine.
import { posix } from 'node:path';

/**
 * Paths in the lock file of everything that `workspace` needs in production, itself included. Links of workspaces are followed, and are part of
 * the result. `platform` and `arch` leave out packages of others; `libc` is "glibc" or "musl".
 */
export function productionClosure(lock, workspace, { platform, arch, libc }) {
  const { packages } = lock;
  const found = new Set();
  const isOfMachine = ({ os, cpu, libc: wanted }) => fits(os, platform) && fits(cpu, arch) && fits(wanted, libc);

  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const entry = packages[path];
    if (entry.link) return visit(entry.resolved);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = entry;
    const needed = [
      ...Object.keys(dependencies).filter((name) => !(name in optionalDependencies)).map((name) => ({ name, isOptional: false })),
      ...Object.keys(optionalDependencies).map((name) => ({ name, isOptional: true })),
      ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional).map((name) => ({ name, isOptional: false })),
    ];
    for (const { name, isOptional } of needed) {
      const target = resolve(packages, path, name);
      if (target !== undefined && (!isOptional || isOfMachine(packages[target]))) visit(target);
      else if (!isOptional) throw new Error(`package-lock.json: ${path} needs ${name}, which is not there`);
    }
  };

  visit(workspace);
  return [...found].toSorted((a, b) => (a < b ? -1 : 1));
}

/** As Node looks for packages: in node_modules of the folder itself, then of each folder above. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const path = folder === '.' || folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '.' || folder === '') return undefined;
  }
}

/** npm's lists: empty means all, "!x" means all but x. */
function fits(list = [], value) {
  const denied = list.filter((item) => item.startsWith('!')).map((item) => item.slice(1));
  const wanted = list.filter((item) => !item.startsWith('!'));
  return !denied.includes(value) && (wanted.length === 0 || wanted.includes(value));
}
