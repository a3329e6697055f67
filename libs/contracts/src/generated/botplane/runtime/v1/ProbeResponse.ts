// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { RunFailure as _botplane_runtime_v1_RunFailure, RunFailure__Output as _botplane_runtime_v1_RunFailure__Output } from '../../../botplane/runtime/v1/RunFailure.js';

export interface ProbeResponse {
  'output_json'?: (string);
  'failure'?: (_botplane_runtime_v1_RunFailure | null);
  'cpu_ms'?: (number | string);
  'result'?: "output_json"|"failure";
}

export interface ProbeResponse__Output {
  'output_json'?: (string);
  'failure'?: (_botplane_runtime_v1_RunFailure__Output | null);
  'cpu_ms': (number);
  'result'?: "output_json"|"failure";
}
