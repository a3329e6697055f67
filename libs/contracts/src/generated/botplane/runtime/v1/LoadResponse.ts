// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface LoadResponse {
  'already_loaded'?: (boolean);
  'load_ms'?: (number | string);
  'engine_sha256'?: (string);
}

export interface LoadResponse__Output {
  'already_loaded': (boolean);
  'load_ms': (number);
  'engine_sha256': (string);
}
