// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListQuarantinedRequest as _botplane_runtime_v1_ListQuarantinedRequest, ListQuarantinedRequest__Output as _botplane_runtime_v1_ListQuarantinedRequest__Output } from '../../../botplane/runtime/v1/ListQuarantinedRequest.js';
import type { ListQuarantinedResponse as _botplane_runtime_v1_ListQuarantinedResponse, ListQuarantinedResponse__Output as _botplane_runtime_v1_ListQuarantinedResponse__Output } from '../../../botplane/runtime/v1/ListQuarantinedResponse.js';
import type { LoadRequest as _botplane_runtime_v1_LoadRequest, LoadRequest__Output as _botplane_runtime_v1_LoadRequest__Output } from '../../../botplane/runtime/v1/LoadRequest.js';
import type { LoadResponse as _botplane_runtime_v1_LoadResponse, LoadResponse__Output as _botplane_runtime_v1_LoadResponse__Output } from '../../../botplane/runtime/v1/LoadResponse.js';
import type { ProbeRequest as _botplane_runtime_v1_ProbeRequest, ProbeRequest__Output as _botplane_runtime_v1_ProbeRequest__Output } from '../../../botplane/runtime/v1/ProbeRequest.js';
import type { ProbeResponse as _botplane_runtime_v1_ProbeResponse, ProbeResponse__Output as _botplane_runtime_v1_ProbeResponse__Output } from '../../../botplane/runtime/v1/ProbeResponse.js';
import type { RunRequest as _botplane_runtime_v1_RunRequest, RunRequest__Output as _botplane_runtime_v1_RunRequest__Output } from '../../../botplane/runtime/v1/RunRequest.js';
import type { RunResponse as _botplane_runtime_v1_RunResponse, RunResponse__Output as _botplane_runtime_v1_RunResponse__Output } from '../../../botplane/runtime/v1/RunResponse.js';

export interface RuntimeClient extends grpc.Client {
  ListQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  ListQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  listQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  listQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  listQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  listQuarantined(argument: _botplane_runtime_v1_ListQuarantinedRequest, callback: grpc.requestCallback<_botplane_runtime_v1_ListQuarantinedResponse__Output>): grpc.ClientUnaryCall;
  
  Load(argument: _botplane_runtime_v1_LoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _botplane_runtime_v1_LoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _botplane_runtime_v1_LoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  Load(argument: _botplane_runtime_v1_LoadRequest, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _botplane_runtime_v1_LoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _botplane_runtime_v1_LoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _botplane_runtime_v1_LoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  load(argument: _botplane_runtime_v1_LoadRequest, callback: grpc.requestCallback<_botplane_runtime_v1_LoadResponse__Output>): grpc.ClientUnaryCall;
  
  Probe(argument: _botplane_runtime_v1_ProbeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  Probe(argument: _botplane_runtime_v1_ProbeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  Probe(argument: _botplane_runtime_v1_ProbeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  Probe(argument: _botplane_runtime_v1_ProbeRequest, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  probe(argument: _botplane_runtime_v1_ProbeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  probe(argument: _botplane_runtime_v1_ProbeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  probe(argument: _botplane_runtime_v1_ProbeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  probe(argument: _botplane_runtime_v1_ProbeRequest, callback: grpc.requestCallback<_botplane_runtime_v1_ProbeResponse__Output>): grpc.ClientUnaryCall;
  
  Run(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunResponse__Output>;
  Run(options?: grpc.CallOptions): grpc.ClientDuplexStream<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunResponse__Output>;
  run(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunResponse__Output>;
  run(options?: grpc.CallOptions): grpc.ClientDuplexStream<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunResponse__Output>;
  
}

export interface RuntimeHandlers extends grpc.UntypedServiceImplementation {
  ListQuarantined: grpc.handleUnaryCall<_botplane_runtime_v1_ListQuarantinedRequest__Output, _botplane_runtime_v1_ListQuarantinedResponse>;
  
  Load: grpc.handleUnaryCall<_botplane_runtime_v1_LoadRequest__Output, _botplane_runtime_v1_LoadResponse>;
  
  Probe: grpc.handleUnaryCall<_botplane_runtime_v1_ProbeRequest__Output, _botplane_runtime_v1_ProbeResponse>;
  
  Run: grpc.handleBidiStreamingCall<_botplane_runtime_v1_RunRequest__Output, _botplane_runtime_v1_RunResponse>;
  
}

export interface RuntimeDefinition extends grpc.ServiceDefinition {
  ListQuarantined: MethodDefinition<_botplane_runtime_v1_ListQuarantinedRequest, _botplane_runtime_v1_ListQuarantinedResponse, _botplane_runtime_v1_ListQuarantinedRequest__Output, _botplane_runtime_v1_ListQuarantinedResponse__Output>
  Load: MethodDefinition<_botplane_runtime_v1_LoadRequest, _botplane_runtime_v1_LoadResponse, _botplane_runtime_v1_LoadRequest__Output, _botplane_runtime_v1_LoadResponse__Output>
  Probe: MethodDefinition<_botplane_runtime_v1_ProbeRequest, _botplane_runtime_v1_ProbeResponse, _botplane_runtime_v1_ProbeRequest__Output, _botplane_runtime_v1_ProbeResponse__Output>
  Run: MethodDefinition<_botplane_runtime_v1_RunRequest, _botplane_runtime_v1_RunResponse, _botplane_runtime_v1_RunRequest__Output, _botplane_runtime_v1_RunResponse__Output>
}
