// Custom resource definitions of others whose objects the charts can make: taken from their Go modules, so that rendered charts are checked
// against the real ones. Go verifies the modules with its checksum database.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { toolsCacheFolder } from './tool-cache.mjs';

const MODULES = [
  { module: 'github.com/cert-manager/cert-manager@v1.19.1', files: ['certificates', 'issuers'].map((name) => `deploy/crds/cert-manager.io_${name}.yaml`) },
  { module: 'github.com/kedacore/keda/v2@v2.21.0', files: ['config/crd/bases/keda.sh_scaledobjects.yaml'] },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['podmonitors', 'prometheusrules', 'servicemonitors'].map((name) => `example/prometheus-operator-crd/monitoring.coreos.com_${name}.yaml`),
  },
  { module: 'sigs.k8s.io/gateway-api@v1.4.1', files: ['gateways', 'httproutes'].map((name) => `config/crd/standard/gateway.networking.k8s.io_${name}.yaml`) },
];

/** Where they lie; the path holds the versions. */
export function foreignCrdsFolder() {
  const key = createHash('sha256').update(JSON.stringify(MODULES)).digest('hex').slice(0, 16);
  return join(toolsCacheFolder(), 'foreign-crds', key);
}

export const hasForeignCrds = () => existsSync(foreignCrdsFolder());

/** Fetches the modules and keeps the definitions. */
export function fetchForeignCrds() {
  const target = foreignCrdsFolder();
  const temporary = `${target}.${process.pid}.tmp`;
  // Outside of a module of ours: only these zips are wanted, not what they depend on.
  const workspace = mkdtempSync(join(tmpdir(), 'botplane-crds-'));
  try {
    writeFileSync(join(workspace, 'go.mod'), 'module crds\n\ngo 1.26\n');
    mkdirSync(temporary, { recursive: true });
    for (const { module, files } of MODULES) {
      const { Dir: folder } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { cwd: workspace, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
      for (const file of files) copyFileSync(join(folder, file), join(temporary, basename(file)));
    }
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) renameSync(temporary, target); // Whole or not at all.
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Paths of the definitions. */
export function foreignCrdFiles() {
  if (!hasForeignCrds()) throw new Error('the custom resource definitions of others are missing: run `make chart-tools`');
  return readdirSync(foreignCrdsFolder()).map((name) => join(foreignCrdsFolder(), name));
}
