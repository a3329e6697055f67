// For those who speak gRPC: the library and the .proto files are read when this is imported.
export { RevisionLoads } from './revision-loads.ts';
export type { WholeLoad } from './revision-loads.ts';
export { GRPC_MESSAGE_BYTES_MAX, PROTO_OPTIONS, PROTO_ROOT, RUNTIME_PACKAGE, RUNTIME_PROTO, loadRuntimeService, runtimeCredentials } from './runtime-grpc.ts';
