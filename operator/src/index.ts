export { Conditions, Reasons } from './reasons.ts';
export type { Reason } from './reasons.ts';
export { FAILPOINTS, FAILPOINT_EXIT_CODE } from './failpoints.ts';
export type { Failpoint } from './failpoints.ts';
export { BOT_FINALIZER, FIELD_MANAGER, Labels, REVISION_FINALIZER } from './names.ts';
