// A base image from this machine, for where no registry can be reached: the project's Node, the libraries it links, and users. Needs buildah.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildah } from './buildah.mjs';

const root = join(import.meta.dirname, '../..');
const CHRT = '/usr/bin/chrt';
const NODE = join(root, 'node_modules/node/bin/node');

/** Makes the two images that the Dockerfile begins with: `nodeTag` has Node and chrt (NODE_IMAGE), `baseTag` what Node links (BASE). */
export function makeLocalBase(nodeTag, baseTag) {
  commit(nodeTag, (put) => {
    put(NODE, '/usr/local/bin/node');
    put(CHRT, CHRT);
  });
  commit(baseTag, (put, folder) => {
    for (const library of linkedLibraries()) put(library, library);
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n');
    writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
    writeFileSync(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
  });
}

/** An image of one layer with what `fill` puts into a folder. */
function commit(tag, fill) {
  const folder = mkdtempSync(join(tmpdir(), 'botplane-base-'));
  try {
    fill((from, to) => {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      cpSync(realpathSync(from), join(folder, to), { dereference: true });
    }, folder);
    const container = buildah('from', 'scratch');
    buildah('copy', container, folder, '/');
    buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
    buildah('commit', '--rm', container, tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the loader would load, itself included; also for names, which glibc looks up in a library of its own. */
function linkedLibraries() {
  const linked = execFileSync('ldd', [NODE], { encoding: 'utf8' }).split('\n');
  return linked.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
