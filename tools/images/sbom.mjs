// The list of what is in an image (CycloneDX), from the same closure that is packed.

/** CycloneDX 1.6 of one service. No time and no serial number: the same content gives the same file. */
export function makeSbom(lock, service, workspace, paths, nodeVersion) {
  const components = paths.filter((path) => path.includes('node_modules/') && !lock.packages[path].link).map((path) => component(path, lock.packages[path]));
  const node = { type: 'application', 'bom-ref': `node@${nodeVersion}`, name: 'node', version: nodeVersion, licenses: [{ license: { id: 'MIT' } }], purl: `pkg:generic/node@${nodeVersion}` };
  return {
    bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
    metadata: { component: { type: 'application', 'bom-ref': service, name: `botplane-${service}`, version: lock.packages[workspace].version, licenses: [{ license: { id: 'Apache-2.0' } }] } },
    components: [node, ...components],
  };
}

function component(path, { name: alias, version, license, integrity }) {
  const name = alias ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library', 'bom-ref': `${path}@${version}`, name, version, purl,
    ...(license === undefined ? {} : { licenses: [/^[A-Za-z0-9.-]+$/.test(license) ? { license: { id: license } } : { expression: license }] }),
    ...(integrity === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }] }),
  };
}
