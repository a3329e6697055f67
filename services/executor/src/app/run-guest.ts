import type { ApiCallRequest, ApiCallResult, GuestInput, GuestOutcome, GuestOutput, GuestState, RouteRecord } from '@botplane/contracts';
import { planRedirect, planRun } from '../domain/choose-revision.ts';
import type { RunPlan } from '../domain/choose-revision.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import { LIMITS } from '../limits.ts';
import { GuestFailure, TemporaryFailure } from './failures.ts';
import type { Place } from './fair-scheduler.ts';
import type { RivalFinder } from './find-rival.ts';
import type { PerformApiCall } from './perform-api-call.ts';
import type { GuestAddress, Guests } from './ports.ts';

export interface GuestRun {
  revision: string;
  address: GuestAddress;
  output: GuestOutput;
  /** The newer message that takes the place of this one: nothing of the output counts. */
  rival?: IncomingUpdate;
}

/** One update, and what it finds. */
export interface GuestTask {
  update: IncomingUpdate;
  route: RouteRecord;
  state: GuestState;
  answerPress: boolean;
}

/** Runs one update to its final output: on the right revision, with the requests it makes on its way. */
export class RunGuest {
  constructor(
    private readonly guests: Guests,
    private readonly apiCalls: PerformApiCall,
  ) {}

  /** Leaves its place while an API works. `rivals` is asked when the flow that takes the message has `onNewMessage: supersede`. */
  async execute(task: GuestTask, place: Place, rivals?: RivalFinder): Promise<GuestRun> {
    let run = await this.enter(task);
    for (let requests = 1; ; requests++) {
      const finder = run.output.supersedable === true ? rivals : undefined;
      const rival = await finder?.find();
      if (rival !== undefined) return { ...run, rival };
      const { request } = run.output;
      if (request === undefined) return run;
      if (requests > LIMITS.requestsMax) throw new GuestFailure('too_many_requests', `more than ${LIMITS.requestsMax} requests`);
      const step = run;
      const done = await place.leaveFor(() => this.perform(task.update, step, request.call, finder));
      if ('rival' in done) return { ...run, rival: done.rival };
      run = await this.enter(task, { plan: run.plan, resume: { continuation: request.continuation, result: done.result } });
    }
  }

  /** What an update would come to now, as far as one step tells. */
  async outcomeOf(task: GuestTask): Promise<GuestOutcome['kind']> {
    return (await this.enter(task)).output.outcome.kind;
  }

  /** One step, on the revision that takes the update. */
  private async enter(task: GuestTask, last?: { plan: RunPlan; resume: GuestInput['resume'] }): Promise<GuestRun & { plan: RunPlan }> {
    const { update, route, state, answerPress } = task;
    const first = last?.plan ?? planRun(route, update.orderKey, state);
    if (first === undefined) throw new TemporaryFailure('route', 'the route names no revision that can run');
    let plan: RunPlan = first;
    let resume = last?.resume;
    for (;;) {
      const address = addressOf(route, plan);
      const output = await this.guests.run(address, makeInput(update, route, state, { plan, answerPress, resume }), update.span);
      if (output.redirect === undefined) return { revision: plan.revision, address, output, plan };
      const next: RunPlan | undefined = planRedirect(state, plan, output.redirect);
      if (next === undefined) throw new GuestFailure('redirect_loop', `redirect to ${output.redirect} leads nowhere`);
      plan = next;
      resume = undefined;
    }
  }

  private async perform(update: IncomingUpdate, run: GuestRun, call: ApiCallRequest, finder: RivalFinder | undefined): Promise<{ result: ApiCallResult } | { rival: IncomingUpdate }> {
    const guest = { ...run.address, revision: run.revision };
    if (finder === undefined) return { result: await this.apiCalls.execute(update, guest, call) };
    return finder.unlessSuperseded((stop) => this.apiCalls.execute(update, guest, call, stop));
  }
}

function addressOf(route: RouteRecord, plan: RunPlan): GuestAddress {
  const revision = route.revisions[plan.revision];
  if (revision === undefined) throw new TemporaryFailure('route', `the route does not name revision ${plan.revision}`);
  return { botId: route.botId, revHash: revision.revHash, runtime: revision.runtime };
}

function makeInput(update: IncomingUpdate, route: RouteRecord, state: GuestState, run: { plan: RunPlan; answerPress: boolean; resume: GuestInput['resume'] }): GuestInput {
  const { plan, answerPress, resume } = run;
  return {
    event: update.event,
    state,
    env: {
      nowMs: update.acceptedMs,
      bot: { id: route.telegram.id, username: route.telegram.username },
      revision: plan.revision,
      runId: `${update.botId}:${update.stateKey}:${update.seq}`,
      answerPress,
      conversation: plan.conversation,
      routed: plan.routed,
    },
    ...(resume === undefined ? {} : { resume }),
  };
}
