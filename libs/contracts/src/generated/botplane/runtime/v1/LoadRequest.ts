// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { Limits as _botplane_runtime_v1_Limits, Limits__Output as _botplane_runtime_v1_Limits__Output } from '../../../botplane/runtime/v1/Limits.js';

export interface LoadRequest {
  'bot_id'?: (string);
  'rev_hash'?: (string);
  'sha256'?: (string);
  'code'?: (Buffer | Uint8Array | string);
  'limits'?: (_botplane_runtime_v1_Limits | null);
  'engine_sha256'?: (string);
}

export interface LoadRequest__Output {
  'bot_id': (string);
  'rev_hash': (string);
  'sha256': (string);
  'code': (Buffer);
  'limits': (_botplane_runtime_v1_Limits__Output | null);
  'engine_sha256': (string);
}
