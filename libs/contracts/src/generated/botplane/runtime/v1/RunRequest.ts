// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { Long } from '@grpc/proto-loader';

export interface RunRequest {
  'call_id'?: (number | string | Long);
  'bot_id'?: (string);
  'rev_hash'?: (string);
  'input_json'?: (string);
  'traceparent'?: (string);
}

export interface RunRequest__Output {
  'call_id': (number);
  'bot_id': (string);
  'rev_hash': (string);
  'input_json': (string);
  'traceparent': (string);
}
