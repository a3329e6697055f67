// `make images`: an image per service, by docker where its daemon answers, else by buildah over a base from this machine. Prints the sizes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildah } from './buildah.mjs';
import { makeLocalBase } from './local-base.mjs';
import { packService } from './pack.mjs';
import { SERVICES } from './services.mjs';

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { IMAGE_REPOSITORY: repository = 'botplane', IMAGE_TAG: tag = version, IMAGE_ARCHIVES: archives = '' } = process.env;
/** What an image may be, unpacked: all of its layers. */
const IMAGE_BYTES_MAX = 250e6;
const NODE_IMAGE = 'localhost/botplane-node';
const BASE = 'localhost/botplane-base';
const PACKED = 'localhost/botplane-packed';

const answers = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(SERVICES);
const unknown = names.filter((name) => !(name in SERVICES));
if (unknown.length > 0) fail(`no image is called ${unknown.join(', ')}; there are: ${Object.keys(SERVICES).join(', ')}`);

const build = builder();
const tooLarge = [];
for (const name of names) {
  const image = `${repository}/${name}:${tag}`;
  const bytes = build(name, image);
  console.log(`${image.padEnd(40)} ${(bytes / 1e6).toFixed(0).padStart(4)} MB`);
  if (bytes > IMAGE_BYTES_MAX) tooLarge.push(image);
}
if (tooLarge.length > 0) fail(`larger than ${IMAGE_BYTES_MAX / 1e6} MB: ${tooLarge.join(', ')}`);

/** Returns what builds one image and tells its size in bytes. */
function builder() {
  if (answers('docker', 'info')) return buildWithDocker;
  if (!answers('buildah', '--version')) fail('neither a docker daemon nor buildah is there: start docker, or `apt-get install buildah`');
  makeLocalBase(NODE_IMAGE, BASE);
  packAll();
  return buildWithBuildah;
}

function buildWithDocker(name, image) {
  execFileSync('docker', ['build', '--target', name, '-t', image, '.'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (archives !== '') execFileSync('docker', ['save', '-o', join(archives, `${name}.tar`), image]);
  return Number(execFileSync('docker', ['image', 'inspect', '-f', '{{.Size}}', image], { encoding: 'utf8' }));
}

/** What is built here already goes into an image of its own, from which the Dockerfile takes it. */
function packAll() {
  const folder = mkdtempSync(join(tmpdir(), 'botplane-images-'));
  try {
    for (const name of names) packService(name, join(folder, 'out'), { platform: 'linux' });
    const container = buildah('from', 'scratch');
    buildah('copy', container, folder, '/');
    buildah('commit', '--rm', container, PACKED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildWithBuildah(name, image) {
  const args = { NODE_IMAGE, BASE, PACKED };
  buildah('bud', '--target', name, ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]), '-t', `localhost/${image}`, root);
  if (archives !== '') buildah('push', `localhost/${image}`, `oci-archive:${join(archives, `${name}.tar`)}:docker.io/${image}`);
  return bytesOf(buildah('images', '--format', '{{.Size}}', `localhost/${image}`));
}

/** All layers together, as buildah says it: "165 MB". */
function bytesOf(text) {
  const [number, unit] = text.split(' ');
  return Number(number) * { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit];
}

function fail(text) {
  console.error(`✗ ${text}`);
  process.exit(1);
}
