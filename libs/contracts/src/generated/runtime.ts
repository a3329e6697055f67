import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Limits as _botplane_runtime_v1_Limits, Limits__Output as _botplane_runtime_v1_Limits__Output } from './botplane/runtime/v1/Limits.js';
import type { ListQuarantinedRequest as _botplane_runtime_v1_ListQuarantinedRequest, ListQuarantinedRequest__Output as _botplane_runtime_v1_ListQuarantinedRequest__Output } from './botplane/runtime/v1/ListQuarantinedRequest.js';
import type { ListQuarantinedResponse as _botplane_runtime_v1_ListQuarantinedResponse, ListQuarantinedResponse__Output as _botplane_runtime_v1_ListQuarantinedResponse__Output } from './botplane/runtime/v1/ListQuarantinedResponse.js';
import type { LoadRequest as _botplane_runtime_v1_LoadRequest, LoadRequest__Output as _botplane_runtime_v1_LoadRequest__Output } from './botplane/runtime/v1/LoadRequest.js';
import type { LoadResponse as _botplane_runtime_v1_LoadResponse, LoadResponse__Output as _botplane_runtime_v1_LoadResponse__Output } from './botplane/runtime/v1/LoadResponse.js';
import type { ProbeRequest as _botplane_runtime_v1_ProbeRequest, ProbeRequest__Output as _botplane_runtime_v1_ProbeRequest__Output } from './botplane/runtime/v1/ProbeRequest.js';
import type { ProbeResponse as _botplane_runtime_v1_ProbeResponse, ProbeResponse__Output as _botplane_runtime_v1_ProbeResponse__Output } from './botplane/runtime/v1/ProbeResponse.js';
import type { QuarantinedRevision as _botplane_runtime_v1_QuarantinedRevision, QuarantinedRevision__Output as _botplane_runtime_v1_QuarantinedRevision__Output } from './botplane/runtime/v1/QuarantinedRevision.js';
import type { RunFailure as _botplane_runtime_v1_RunFailure, RunFailure__Output as _botplane_runtime_v1_RunFailure__Output } from './botplane/runtime/v1/RunFailure.js';
import type { RunRequest as _botplane_runtime_v1_RunRequest, RunRequest__Output as _botplane_runtime_v1_RunRequest__Output } from './botplane/runtime/v1/RunRequest.js';
import type { RunResponse as _botplane_runtime_v1_RunResponse, RunResponse__Output as _botplane_runtime_v1_RunResponse__Output } from './botplane/runtime/v1/RunResponse.js';
import type { RunTrace as _botplane_runtime_v1_RunTrace, RunTrace__Output as _botplane_runtime_v1_RunTrace__Output } from './botplane/runtime/v1/RunTrace.js';
import type { RuntimeClient as _botplane_runtime_v1_RuntimeClient, RuntimeDefinition as _botplane_runtime_v1_RuntimeDefinition } from './botplane/runtime/v1/Runtime.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  botplane: {
    runtime: {
      v1: {
        Limits: MessageTypeDefinition<_botplane_runtime_v1_Limits, _botplane_runtime_v1_Limits__Output>
        ListQuarantinedRequest: MessageTypeDefinition<_botplane_runtime_v1_ListQuarantinedRequest, _botplane_runtime_v1_ListQuarantinedRequest__Output>
        ListQuarantinedResponse: MessageTypeDefinition<_botplane_runtime_v1_ListQuarantinedResponse, _botplane_runtime_v1_ListQuarantinedResponse__Output>
        LoadRequest: MessageTypeDefinition<_botplane_runtime_v1_LoadRequest, _botplane_runtime_v1_LoadRequest__Output>
        LoadResponse: MessageTypeDefinition<_botplane_runtime_v1_LoadResponse, _botplane_runtime_v1_LoadResponse__Output>
        ProbeRequest: MessageTypeDefinition<_botplane_runtime_v1_ProbeRequest, _botplane_runtime_v1_ProbeRequest__Output>
        ProbeResponse: MessageTypeDefinition<_botplane_runtime_v1_ProbeResponse, _botplane_runtime_v1_ProbeResponse__Output>
        QuarantinedRevision: MessageTypeDefinition<_botplane_runtime_v1_QuarantinedRevision, _botplane_runtime_v1_QuarantinedRevision__Output>
        RunFailure: MessageTypeDefinition<_botplane_runtime_v1_RunFailure, _botplane_runtime_v1_RunFailure__Output>
        RunRequest: MessageTypeDefinition<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunRequest__Output>
        RunResponse: MessageTypeDefinition<_botplane_runtime_v1_RunResponse, _botplane_runtime_v1_RunResponse__Output>
        RunTrace: MessageTypeDefinition<_botplane_runtime_v1_RunTrace, _botplane_runtime_v1_RunTrace__Output>
        Runtime: SubtypeConstructor<typeof grpc.Client, _botplane_runtime_v1_RuntimeClient> & { service: _botplane_runtime_v1_RuntimeDefinition }
      }
    }
  }
}

