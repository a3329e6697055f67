// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { RunRequest as _botplane_runtime_v1_RunRequest, RunRequest__Output as _botplane_runtime_v1_RunRequest__Output } from '../../../botplane/runtime/v1/RunRequest.js';
import type { Long } from '@grpc/proto-loader';

export interface RunRequest {
  'call_id'?: (number | string | Long);
  'bot_id'?: (string);
  'rev_hash'?: (string);
  'input_json'?: (string);
  'traceparent'?: (string);
  'takes_more'?: (boolean);
  'more'?: (_botplane_runtime_v1_RunRequest)[];
}

export interface RunRequest__Output {
  'call_id': (number);
  'bot_id': (string);
  'rev_hash': (string);
  'input_json': (string);
  'traceparent': (string);
  'takes_more': (boolean);
  'more': (_botplane_runtime_v1_RunRequest__Output)[];
}
