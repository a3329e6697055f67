export { toolPath, type ToolName } from '@botplane/bootstrap';
export type { AuditedWrite } from './audit-log.ts';
export { becomesTrue, httpAnswers, tcpAnswers } from './checks.ts';
export { generateAuthority, generateClientCertificate, generateServerCertificate, type KeyPair } from './certificates.ts';
export { installCrds } from './install-crds.ts';
export { isList, isWatch, startFaultProxy, statusBody, writeKubeconfigOf, type CannedAnswer, type FaultProxy } from './fault-proxy.ts';
export { endRecorded, isAlive, readRecords, removeRecord, startTimeOf, writeRecord, type ProcessRecord } from './process-records.ts';
export { freePort, isPortFree } from './ports.ts';
export type { ProcessRecipe, RunAs } from './recipe.ts';
export { ServerProcess, type ServerEvents } from './server-process.ts';
export { baseEnv, spawnBound, type Launch } from './spawn-bound.ts';
export { startControlPlane, type ControlPlaneOptions, type TestControlPlane } from './start-control-plane.ts';
export { startNats, type TestNats, type TestNatsOptions } from './start-nats.ts';
export { startOtlpCollector, type ReceivedSpan, type TestCollector } from './start-otlp-collector.ts';
export { startPrometheus, type Sample, type TestPrometheus } from './start-prometheus.ts';
export { startPostgres, type TestPostgres } from './start-postgres.ts';
export { startS3, type TestS3 } from './start-s3.ts';
export { makeTempFolder, removeTempFolder } from './temp-folder.ts';
export { whileDown, type Mortal } from './while-down.ts';
export {
  clusterFiles,
  ensureClusterFiles,
  readTokens,
  type ClusterFiles,
  type ClusterUser,
} from './recipes/cluster-files.ts';
export { PROXY_CLIENT_NAME, apiServerRecipe, controllerManagerRecipe, schedulerRecipe } from './recipes/control-plane.ts';
export { etcdRecipe } from './recipes/etcd.ts';
export { natsRecipe, type NatsTlsFiles } from './recipes/nats.ts';
export { postgresRecipe, postgresUrl } from './recipes/postgres.ts';
export type { ScrapeTarget } from './recipes/prometheus.ts';
export { s3Recipe } from './recipes/s3.ts';
