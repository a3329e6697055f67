// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { RunFailure as _botplane_runtime_v1_RunFailure, RunFailure__Output as _botplane_runtime_v1_RunFailure__Output } from '../../../botplane/runtime/v1/RunFailure.js';
import type { RunTrace as _botplane_runtime_v1_RunTrace, RunTrace__Output as _botplane_runtime_v1_RunTrace__Output } from '../../../botplane/runtime/v1/RunTrace.js';
import type { RunResponse as _botplane_runtime_v1_RunResponse, RunResponse__Output as _botplane_runtime_v1_RunResponse__Output } from '../../../botplane/runtime/v1/RunResponse.js';
import type { Long } from '@grpc/proto-loader';

export interface RunResponse {
  'call_id'?: (number | string | Long);
  'output_json'?: (string);
  'failure'?: (_botplane_runtime_v1_RunFailure | null);
  'trace'?: (_botplane_runtime_v1_RunTrace | null);
  'takes_more'?: (boolean);
  'more'?: (_botplane_runtime_v1_RunResponse)[];
  'result'?: "output_json"|"failure";
}

export interface RunResponse__Output {
  'call_id': (number);
  'output_json'?: (string);
  'failure'?: (_botplane_runtime_v1_RunFailure__Output | null);
  'trace': (_botplane_runtime_v1_RunTrace__Output | null);
  'takes_more': (boolean);
  'more': (_botplane_runtime_v1_RunResponse__Output)[];
  'result'?: "output_json"|"failure";
}
