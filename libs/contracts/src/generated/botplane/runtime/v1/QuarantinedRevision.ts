// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface QuarantinedRevision {
  'bot_id'?: (string);
  'rev_hash'?: (string);
  'cause'?: (string);
}

export interface QuarantinedRevision__Output {
  'bot_id': (string);
  'rev_hash': (string);
  'cause': (string);
}
