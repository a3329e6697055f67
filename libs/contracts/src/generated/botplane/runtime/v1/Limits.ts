// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface Limits {
  'memory_mib'?: (number);
  'cpu_ms'?: (number);
}

export interface Limits__Output {
  'memory_mib': (number);
  'cpu_ms': (number);
}
