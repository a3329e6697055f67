import type { GuestInput, GuestOutput, GuestState, RouteRecord } from '@botplane/contracts';
import { planRedirect, planRun } from '../domain/choose-revision.ts';
import type { RunPlan } from '../domain/choose-revision.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import { LIMITS } from '../limits.ts';
import { GuestFailure, TemporaryFailure } from './failures.ts';
import type { PerformApiCall } from './perform-api-call.ts';
import type { GuestAddress, Guests } from './ports.ts';

export interface GuestRun {
  revision: string;
  address: GuestAddress;
  output: GuestOutput;
}

/** Runs one update to its final output: on the right revision, with the requests it makes on its way. */
export class RunGuest {
  constructor(
    private readonly guests: Guests,
    private readonly apiCalls: PerformApiCall,
  ) {}

  async execute(update: IncomingUpdate, route: RouteRecord, state: GuestState, answerPress: boolean): Promise<GuestRun> {
    const first = planRun(route, update.orderKey, state);
    if (first === undefined) throw new TemporaryFailure('route', 'the route names no revision that can run');
    let plan: RunPlan = first;
    let resume: GuestInput['resume'];
    let requests = 0;
    for (;;) {
      const address = addressOf(route, plan);
      const output = await this.guests.run(address, makeInput(update, route, state, { plan, answerPress, resume }));
      if (output.redirect !== undefined) {
        const next: RunPlan | undefined = planRedirect(state, plan, output.redirect);
        if (next === undefined) throw new GuestFailure('redirect_loop', `redirect to ${output.redirect} leads nowhere`);
        plan = next;
        resume = undefined;
        continue;
      }
      if (output.request === undefined) return { revision: plan.revision, address, output };
      if (++requests > LIMITS.requestsMax) throw new GuestFailure('too_many_requests', `more than ${LIMITS.requestsMax} requests`);
      const { call, continuation } = output.request;
      resume = { continuation, result: await this.apiCalls.execute(update, { ...address, revision: plan.revision }, call) };
    }
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
