import { RpcException } from '@nestjs/microservices';
import { toAppError } from './app-error.ts';

/** The gRPC status of a failure, for handlers to throw; the text of unknown errors stays inside. */
export function toRpcError(thrown: unknown): RpcException {
  const error = toAppError(thrown);
  return new RpcException({ code: error.disposition.grpc, message: error.message });
}
