// Original file: ../../proto/botplane/runtime/v1/runtime.proto


export interface ListQuarantinedRequest {
}

export interface ListQuarantinedRequest__Output {
}
