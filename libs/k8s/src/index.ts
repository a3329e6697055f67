export { K8sClient } from './client.ts';
export type {
  ApplyOptions, DeleteOptions, K8sClientOptions, ListOptions, Patch, PatchOptions, RawRequest, RequestOptions, WriteOptions,
} from './client.ts';
export { DESIRED_HASH_ANNOTATION, applyIfChanged } from './apply-if-changed.ts';
export { canonicalJson, covers, hashOf, statusEquals } from './canonical.ts';
export { getCondition, isFalse, isTrue, removeCondition, setCondition } from './conditions.ts';
export type { Condition, ConditionStatus, ConditionUpdate } from './conditions.ts';
export { Controller, TerminalError } from './controller.ts';
export type { ControllerOptions, Reconcile, ReconcileContext, ReconcileResult, ReconcileWitness } from './controller.ts';
export { K8sError, LocalReason, isAlreadyExists, isConflict, isForbidden, isGone, isInvalid, isNotFound, isTransient } from './errors.ts';
export type { KubeStatus } from './errors.ts';
export { EventRecorder } from './events.ts';
export type { EventInput, EventRecorderOptions } from './events.ts';
export { addFinalizerPatch, ensureFinalizer, hasFinalizer, releaseFinalizer, removeFinalizerPatch } from './finalizers.ts';
export { LeaderElector, NotLeaderError } from './leader-elector.ts';
export type { LeaderElectorOptions } from './leader-elector.ts';
export { microTime, parseMicroTime } from './micro-time.ts';
export { controllerOf, controllerRef, isDeleting, keyOf, refOf, refOfKey } from './objects.ts';
export type { Applied, KubeObject, NewObject, ObjectList, ObjectMeta, ObjectRef, OwnerReference, PartialObjectMetadata, WritableMeta } from './objects.ts';
export { METRICS, NO_METRICS, SILENT_LOGGER } from './ports.ts';
export type { Logger, MetricName, MetricsPort } from './ports.ts';
export { Reflector } from './reflector.ts';
export type { ReflectorHandler, ReflectorOptions, ReflectorStats } from './reflector.ts';
export {
  BOTS, BOT_REVISIONS, BOT_RUNTIMES, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, LEASES, NAMESPACES, NETWORK_POLICIES, NODES, PODS,
  POD_DISRUPTION_BUDGETS, SECRETS, SERVICE_ACCOUNTS, apiVersionOf, collectionPath, defineResource, objectPath, typed,
} from './resources.ts';
export type {
  ConfigMap, CustomObject, CustomResourceDefinition, Deployment, HorizontalPodAutoscaler, Json, KubeEvent, Lease, Namespace, NetworkPolicy, Node, Pod, PodDisruptionBudget,
  ResourceType, Secret, ServiceAccount,
} from './resources.ts';
export { Store } from './store.ts';
export type { Indexer, StoreOptions, StoreReader } from './store.ts';
export type { WatchEvent, WatchOptions } from './watch.ts';
export { WorkQueue } from './work-queue.ts';
export type { Priority, WorkQueueOptions } from './work-queue.ts';
export type { Bot, BotSpec, BotStatus } from './generated/bot.ts';
export type { BotRevision, BotRevisionSpec, BotRevisionStatus } from './generated/bot-revision.ts';
export type { BotRuntime, BotRuntimeSpec, BotRuntimeStatus } from './generated/bot-runtime.ts';
export { firstBytes, lastBytes } from './utf8.ts';
