// Original file: ../../proto/botplane/runtime/v1/runtime.proto


// Original file: ../../proto/botplane/runtime/v1/runtime.proto

export const _botplane_runtime_v1_RunFailure_Code = {
  CODE_UNSPECIFIED: 'CODE_UNSPECIFIED',
  NOT_LOADED: 'NOT_LOADED',
  GUEST_ERROR: 'GUEST_ERROR',
  OVERRUN: 'OVERRUN',
  HOST_LOST: 'HOST_LOST',
  OVERLOADED: 'OVERLOADED',
} as const;

export type _botplane_runtime_v1_RunFailure_Code =
  | 'CODE_UNSPECIFIED'
  | 0
  | 'NOT_LOADED'
  | 1
  | 'GUEST_ERROR'
  | 2
  | 'OVERRUN'
  | 3
  | 'HOST_LOST'
  | 4
  | 'OVERLOADED'
  | 5

export type _botplane_runtime_v1_RunFailure_Code__Output = typeof _botplane_runtime_v1_RunFailure_Code[keyof typeof _botplane_runtime_v1_RunFailure_Code]

export interface RunFailure {
  'code'?: (_botplane_runtime_v1_RunFailure_Code);
  'message'?: (string);
}

export interface RunFailure__Output {
  'code': (_botplane_runtime_v1_RunFailure_Code__Output);
  'message': (string);
}
