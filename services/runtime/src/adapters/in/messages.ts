import type { FailureCode } from '../../domain/call.ts';

/** The messages of botplane.runtime.v1 as the server sees them (PROTO_OPTIONS of libs/contracts: defaults filled, longs as numbers). */
export interface LoadMessage {
  bot_id: string;
  rev_hash: string;
  sha256: string;
  code: Buffer;
  engine_sha256: string;
  limits: { memory_mib: number; cpu_ms: number } | null;
}
export interface LoadReply {
  already_loaded: boolean;
  load_ms: number;
  engine_sha256: string;
}
export interface ProbeMessage {
  bot_id: string;
  rev_hash: string;
  input_json: string;
}
export interface RunMessage extends ProbeMessage {
  call_id: number;
  traceparent: string;
  takes_more: boolean;
  more: RunMessage[];
}
export interface ResultFields {
  output_json?: string;
  failure?: { code: FailureCode; message: string };
}
export interface ProbeReply extends ResultFields {
  cpu_ms: number;
}
export interface RunResult extends ResultFields {
  call_id: number;
  trace?: { took_ms: number; step_ms: number; cpu_ms: number; cold: boolean };
}
export interface RunReply extends RunResult {
  takes_more: true;
  more?: RunResult[];
}
export interface QuarantinedReply {
  revisions: { bot_id: string; rev_hash: string; cause: string }[];
}
