// Original file: ../../proto/botplane/runtime/v1/runtime.proto

import type { QuarantinedRevision as _botplane_runtime_v1_QuarantinedRevision, QuarantinedRevision__Output as _botplane_runtime_v1_QuarantinedRevision__Output } from '../../../botplane/runtime/v1/QuarantinedRevision.js';

export interface ListQuarantinedResponse {
  'revisions'?: (_botplane_runtime_v1_QuarantinedRevision)[];
}

export interface ListQuarantinedResponse__Output {
  'revisions': (_botplane_runtime_v1_QuarantinedRevision__Output)[];
}
