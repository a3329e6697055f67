/** The rings of a service and the borders between packages (design section 8). Checked by `make lint`. */
const frameworks = '^(@nestjs/|rxjs|@nats-io/|@prisma/|@grpc/|undici|fastify|minio|isolated-vm|prom-client)|node_modules/(@nestjs/|rxjs|@nats-io/|@prisma/|@grpc/|undici|fastify|minio|isolated-vm|prom-client)';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'domain-is-pure',
      comment: 'domain decides; it does no I/O and knows no framework.',
      severity: 'error',
      from: { path: '^(services/[^/]+/src/domain|libs/domain/src)/', pathNot: '\\.test\\.ts$' },
      to: { path: [frameworks, '^(node:)?(net|http|https|fs|dns|child_process|tls)(/|$)', '^services/[^/]+/src/(app|adapters)/'] },
    },
    {
      name: 'app-knows-ports-only',
      comment: 'use cases import domain and ports, never adapters or frameworks.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/app/', pathNot: '\\.test\\.ts$' },
      to: { path: [frameworks, '^services/[^/]+/src/adapters/'] },
    },
    {
      name: 'services-never-import-each-other',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '/test/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    { name: 'libs-do-not-know-services', comment: 'tools/bootstrap is below the libraries: it runs before node_modules exists.', severity: 'error', from: { path: '^libs/' }, to: { path: '^(services|operator|tools|e2e|bench)/', pathNot: '^tools/bootstrap/' } },
    {
      name: 'operator-does-not-know-services',
      severity: 'error',
      from: { path: '^operator/src/' },
      to: { path: '^(services|tools|e2e|bench)/' },
    },
    { name: 'no-deep-imports', comment: 'a library is entered through its index; the kit has three more ways in (plain, artefacts, output), the contracts one (grpc), for processes that must start fast or stay small, and so has testing (browser).', severity: 'error', from: { path: '^(services|operator|tools|e2e|bench|libs)/([^/]+)/' }, to: { path: '^libs/([^/]+)/(src|dist)/(?!(index|plain|artefacts|output|grpc|browser)\\.)', pathNot: '^libs/$2/' } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@botplane/source', 'import', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
    moduleSystems: ['es6', 'cjs'],
  },
};
