// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface RunTrace {
  'took_ms'?: (number | string);
  'step_ms'?: (number | string);
  'cpu_ms'?: (number | string);
  'cold'?: (boolean);
}

export interface RunTrace__Output {
  'took_ms': (number);
  'step_ms': (number);
  'cpu_ms': (number);
  'cold': (boolean);
}
