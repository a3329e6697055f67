// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface ProbeRequest {
  'bot_id'?: (string);
  'rev_hash'?: (string);
  'input_json'?: (string);
}

export interface ProbeRequest__Output {
  'bot_id': (string);
  'rev_hash': (string);
  'input_json': (string);
}
