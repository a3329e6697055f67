// Which services (and which tool, for the chart's CronJob) have an image, and how Node starts each. A new service adds its row here and its stage to the Dockerfile.
export const SERVICES = {
  // Small: the operator lives in watches and compiles; V8 finds their garbage sooner in a small young generation and when it looks for it after the
  // heap grew by 40 % (1,000 bots applied at once: 224 instead of 290 MiB at the peak; --optimize-for-size holds 190 and costs a third more
  // processor time). glibc would keep an arena per thread and give little back, so that compiling, which is rare, decided how much it holds.
  // 1,000 bots must fit into 256 MiB.
  operator: {
    folder: 'operator', options: ['--enable-source-maps', '--max-semi-space-size=4', '--heap-growing-percent=40'], files: ['proto'],
    env: { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' },
  },
  ingress: { folder: 'services/ingress', options: ['--enable-source-maps'], files: [] },
  executor: { folder: 'services/executor', options: ['--enable-source-maps'], files: ['proto'] },
  runtime: { folder: 'services/runtime', options: ['--enable-source-maps', '--no-node-snapshot'], files: ['proto'] },
  delivery: { folder: 'services/delivery', options: ['--enable-source-maps'], files: [] },
  api: { folder: 'services/api', options: ['--enable-source-maps'], files: ['prisma'] },
  backup: { folder: 'tools/backup', options: ['--enable-source-maps'], files: ['prisma'] },
  simulator: { folder: 'services/simulator', options: ['--enable-source-maps'], files: [] },
};
