// Which services have an image, and how Node starts each. A new service adds its row here and its stage to the Dockerfile.
export const SERVICES = {
  operator: { folder: 'operator', options: ['--enable-source-maps'], files: ['proto'] },
  ingress: { folder: 'services/ingress', options: ['--enable-source-maps'], files: [] },
  executor: { folder: 'services/executor', options: ['--enable-source-maps'], files: ['proto'] },
  runtime: { folder: 'services/runtime', options: ['--enable-source-maps', '--no-node-snapshot'], files: ['proto'] },
  delivery: { folder: 'services/delivery', options: ['--enable-source-maps'], files: [] },
  api: { folder: 'services/api', options: ['--enable-source-maps'], files: ['prisma'] },
  simulator: { folder: 'services/simulator', options: ['--enable-source-maps'], files: [] },
};
