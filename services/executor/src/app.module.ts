import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import { runtimeCredentials } from '@botplane/contracts/grpc';
import type { ApiCallResult, ChatRecord, Envelope, ExecutorFailpoint, RouteRecord, RuntimeRecord } from '@botplane/contracts';
import { UPDATE_PARTITIONS } from '@botplane/domain';
import { ArtefactStore, Failpoints, natsSettings, provideValue, readInstallKey, runtimeTls } from '@botplane/kit';
import type { Log, ServiceKit } from '@botplane/kit';
import { Claims, DueTimers, TypedBucket, WatchedBucket, ensureTopology, memberName, openNats } from '@botplane/nats';
import type { ClaimEvent, Nats } from '@botplane/nats';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { RepublishDueTimer } from './adapters/in/due-timers.ts';
import { UpdatesConsumer } from './adapters/in/updates-consumer.ts';
import type { Incoming } from './adapters/in/updates-consumer.ts';
import { UrgentConsumer } from './adapters/in/urgent-consumer.ts';
import { Lifecycle } from './adapters/lifecycle.ts';
import { CountedGuests } from './adapters/out/counted-guests.ts';
import { GrpcGuests } from './adapters/out/grpc-guests.ts';
import { HttpEgress } from './adapters/out/http-egress.ts';
import { KvCallResults } from './adapters/out/kv-call-results.ts';
import { RecordCache } from './adapters/out/kv-records.ts';
import { KvSecrets } from './adapters/out/kv-secrets.ts';
import { NatsOutbox } from './adapters/out/nats-outbox.ts';
import { NatsRevisionStats } from './adapters/out/nats-revision-stats.ts';
import { NatsRoutes } from './adapters/out/nats-routes.ts';
import { NatsTimers } from './adapters/out/nats-timers.ts';
import { NatsUrgentAnswers } from './adapters/out/nats-urgent-answers.ts';
import { personalHash } from './adapters/out/personal-hash.ts';
import { executorMetrics } from './adapters/out/prometheus-metrics.ts';
import { S3Revisions } from './adapters/out/s3-revisions.ts';
import { MetricsReporter } from './adapters/reporter.ts';
import { AnswerUrgent } from './app/answer-urgent.ts';
import { FairScheduler } from './app/fair-scheduler.ts';
import { PerformApiCall } from './app/perform-api-call.ts';
import { RunGuest } from './app/run-guest.ts';
import { RunUpdate } from './app/run-update.ts';
import type { ExecutorConfig } from './config.ts';
import { RevisionCounter } from './domain/revision-counter.ts';
import { LIMITS } from './limits.ts';

@Module({})
class ExecutorModule {}

/** The composition root: connects, and wires ports to adapters. Work begins when Nest has started. */
export async function makeModule(kit: ServiceKit<ExecutorConfig>): Promise<DynamicModule> {
  const { config, log, metrics, readiness, tracing } = kit;
  const member = memberName(config.HOSTNAME);
  const nats = await openNats(natsSettings(config, member));
  await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });

  const counters = executorMetrics(metrics, { ownedPartitions: () => claims.ownedCount, runningUpdates: () => scheduler.runningCount });
  const onError = (err: Error): void => log.warn({ err }, 'watch is restarted');
  const routes = new NatsRoutes(bucket<RouteRecord>(nats, BUCKETS.routes), onError);
  const store = new ArtefactStore(config);
  const revisions = new S3Revisions(store);
  const runtimes = new WatchedBucket<RuntimeRecord>(bucket(nats, BUCKETS.runtimes), { onError, onChange: () => guests.forgetMissing() });
  const guests: GrpcGuests = new GrpcGuests(runtimes, revisions, (seconds) => counters.runtimeCallSeconds.observe(seconds), runtimeCredentials(runtimeTls(config)));
  const secretsKey = readInstallKey(config.BOTPLANE_SECRETS_KEY_FILE);
  const secrets = new KvSecrets(bucket<Envelope>(nats, BUCKETS.credentials), secretsKey);
  const egress = new HttpEgress(config.BOTPLANE_EGRESS_ROUTES);
  const crashes = new Failpoints<ExecutorFailpoint>(config.BOTPLANE_FAILPOINTS);
  const apiCalls = new PerformApiCall({ passports: revisions, secrets, results: new KvCallResults(bucket<ApiCallResult>(nats, BUCKETS.calls)), egress, crashes });
  const outbox = new NatsOutbox(nats, () => counters.messagesLost.inc(), crashes);
  const counter = new RevisionCounter();
  const stats = new NatsRevisionStats(nats, counter);
  const reporter = new MetricsReporter(counters, log, counter);

  const runUpdate = new RunUpdate({
    clock: { nowMs: () => Date.now() }, routes, runGuest: new RunGuest(new CountedGuests(guests, counter), apiCalls), passports: revisions, outbox, timers: new NatsTimers(nats), reporter, crashes,
    hashPersonal: personalHash(secretsKey),
  });
  const scheduler = new FairScheduler({ ...LIMITS, runningMax: config.BOTPLANE_UPDATES_RUNNING_MAX });
  const records = new RecordCache(bucket<ChatRecord>(nats, BUCKETS.chatState));
  const consumer = new UpdatesConsumer({ scheduler, runUpdate, routes, outbox, log, crashes, makeRecords: () => records.open(), countUnreadable: () => counters.unreadable.inc(), tracing });
  const claims: Claims<Incoming> = new Claims({
    nats, member, stream: STREAMS.updates, partitions: UPDATE_PARTITIONS,
    filters: (partition) => [subjects.updatesOf(partition)],
    work: (ownership) => consumer.work(ownership),
    drainMsMax: LIMITS.releaseMsMax,
    onEvent: (event) => {
      counters.claims.inc({ event: event.kind });
      logClaim(log, event);
    },
  });
  claims.listen();
  const urgent = new UrgentConsumer({
    nats, log, tracing, ready: routes.ready, answer: new AnswerUrgent(routes, revisions, new NatsUrgentAnswers(nats)), count: (outcome) => counters.urgent.inc({ outcome }),
  });
  const republish = new RepublishDueTimer(nats, tracing);
  const dueTimers = new DueTimers(nats, (due) => republish.execute(due), (err) => log.warn({ err }, 'due timer is tried again'));

  readiness.add('nats', () => !nats.connection.isClosed() && routes.ageMs() < LIMITS.mirrorAgeMsMax);
  readiness.add('runtimes', () => runtimes.isReady);

  const lifecycle = new Lifecycle({ nats, routes, runtimes, claims, dueTimers, stats, guests, egress, store });
  return { module: ExecutorModule, providers: [provideValue(Lifecycle, lifecycle), provideValue(UrgentConsumer, urgent)] };
}

function bucket<T>(nats: Nats, name: string): TypedBucket<T> {
  return new TypedBucket<T>(nats.jsm, name);
}

function logClaim(log: Log, event: ClaimEvent): void {
  if (event.kind === 'error') log.warn({ err: event.error }, 'claim failed');
  else log[event.kind === 'lost' ? 'warn' : 'debug'](event, 'partition ownership changed');
}
