import { FAILED_REVISIONS_MAX } from '../limits.ts';
import { fields, flag, integer, listByKey, listOf, telling, text, time } from './schema.ts';
import type { CrdSchema } from './schema.ts';

const DURATION_PATTERN = '^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$';
/** A time span such as 90s, 10m or 1h30m; short enough for CEL to read at a bounded cost. A rule, since a pattern would answer with itself. */
const duration = (name: string, description: string, extra: { default?: string } = {}): CrdSchema => text(`${description} Written as 90s, 10m or 1h30m.`, {
  minLength: 2, maxLength: 18, ...extra,
  'x-kubernetes-validations': [{ rule: `self.matches('${DURATION_PATTERN}')`, ...telling(`${name} must be a time span such as 90s, 10m or 1h30m`, "', not ' + self") }],
});
const revisionName = (description: string): CrdSchema => text(description, { minLength: 1, maxLength: 63 });
const value = (description: string): CrdSchema => ({ type: 'number', description });

const step = fields('Exactly one of setWeight, pause and analysis.', {
  setWeight: integer('Percent of the chats that the new revision serves from now on. A chat keeps its side, and a higher weight only adds chats.', { minimum: 0, maximum: 100 }),
  pause: fields('Waits. `pause: {}` waits for spec.rollout.promote.', { duration: duration('duration', 'How long to wait.') }),
  analysis: fields('Waits until every check of spec.rollout.analysis has passed.', {
    measurements: integer('How many measurements in a row each check must pass.', { minimum: 1, maximum: 100, default: 1 }),
  }),
}, {
  'x-kubernetes-validations': [{ rule: '[has(self.setWeight), has(self.pause), has(self.analysis)].exists_one(x, x)', ...telling('a step has exactly one of setWeight, pause and analysis', "([has(self.setWeight), has(self.pause), has(self.analysis)].exists(x, x) ? ', not several' : ', not none')") }],
});

const check = fields('One thing to measure of the new revision while it has traffic: a counter of Botplane, or a Prometheus query. A measurement beyond max or below min is a failure.', {
  'name!': text('Name of the check, for status and Events.', { minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }),
  metric: text('A counter of Botplane, over the last interval. ErrorPercent: runs that failed by the bot\'s own fault, of all. StepMsP95: milliseconds that 95 % of the steps stay below. SandboxKills: steps that were ended by force. DeadLetters: updates given up, and calls that Telegram refused by the fault of the revision.', { enum: ['ErrorPercent', 'StepMsP95', 'SandboxKills', 'DeadLetters'] }),
  prometheus: fields('A query to the Prometheus that the install names. $(namespace), $(bot), $(revision) and $(stable) are replaced.', {
    'query!': text('PromQL that gives one number.', { minLength: 1, maxLength: 4096 }),
  }),
  max: value('The highest value that passes.'),
  min: value('The lowest value that passes.'),
  interval: duration('interval', 'How often to measure, 1s to 1h.', { default: '30s' }),
  minUpdates: integer('Counters of Botplane say nothing before the new revision ran so many updates within the interval; SandboxKills and DeadLetters beyond max always count.', { minimum: 1, maximum: 100000, default: 20 }),
  failureLimit: integer('Failed measurements in a row that fail the rollout.', { minimum: 1, maximum: 100, default: 1 }),
  onError: text('When Prometheus does not answer, or not with one number, errorLimit times in a row. Wait: no further step until it does. Ignore: as if the check were not there. Abort: the rollout has failed.', { enum: ['Wait', 'Ignore', 'Abort'], default: 'Wait' }),
  errorLimit: integer('Measurements in a row without an answer before onError counts.', { minimum: 1, maximum: 100, default: 4 }),
}, {
  'x-kubernetes-validations': [
    { rule: 'has(self.metric) != has(self.prometheus)', ...telling('a check has exactly one of metric and prometheus', "', not ' + (has(self.metric) ? 'both' : 'neither')") },
    { rule: 'has(self.max) || has(self.min)', message: 'a check needs max, min or both, but has neither' },
    {
      rule: `!has(self.interval) || !self.interval.matches('${DURATION_PATTERN}') || (duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('1h'))`,
      ...telling('interval must be between 1s and 1h', "', not ' + self.interval"), fieldPath: '.interval',
    },
  ],
});

const STEPS_MAX = 20;
/** CEL that every supported Kubernetes knows has no loop with an index. */
const PLACES = `[${[...Array(STEPS_MAX).keys()].join()}]`;
/** Nothing is measured at weight 0: before each analysis i comes a weight j, and none of 0 after that. */
const ANALYSIS_HAS_TRAFFIC = `!has(self.steps) || ${PLACES}.all(i, i >= size(self.steps) || !has(self.steps[i].analysis) || `
  + `${PLACES}.exists(j, j < i && has(self.steps[j].setWeight) && self.steps[j].setWeight > 0 && `
  + `${PLACES}.all(k, k <= j || k >= i || !has(self.steps[k].setWeight) || self.steps[k].setWeight > 0)))`;

/** spec.rollout: how a new revision takes over, and what people decide about it. */
export const rollout = fields('How a new revision takes over, and what people decide about it. Who serves, in this order: suspend, revisionName, abort and failed revisions, promote, steps.', {
  strategy: text('AllAtOnce: a revision gets all traffic as soon as it is proved. Canary: it takes over in steps. Manual: it gets none until promote names it. The first revision of a Bot always serves at once.', { enum: ['AllAtOnce', 'Canary', 'Manual'], default: 'AllAtOnce' }),
  steps: listOf('Canary: what happens one after the other; after the last step the revision gets all traffic.', step, STEPS_MAX),
  analysis: listByKey('Canary: what is measured while the new revision has traffic. Left out: ErrorPercent of at most 10. An empty list: nothing.', 'name', check, 10),
  tests: text('Required: the `tests` of the BotSpec must pass before the revision gets any traffic.', { enum: ['Required', 'Ignored'], default: 'Ignored' }),
  paused: flag('True: no further step. Weights stay; checks still count, and promote still works. It holds back also what rollbackWindow would let through.'),
  promote: fields('Lets a revision go on. Ignored unless the revision is the one that is being rolled out.', {
    'revision!': revisionName('Name of the BotRevision.'),
    step: integer('Go on to this step, counted from 0 (of status.currentStep the next one: status.currentStep + 1). Left out: all traffic now.', { minimum: 0, maximum: 20 }),
  }),
  abort: revisionName('Gives up the rollout of this BotRevision: all traffic goes back, and the same template is not tried again until retry changes. Ignored unless the revision is the newest one.'),
  retry: text('Any word. A change of it forgives the current template its failure: its rollout begins anew.', { minLength: 1, maxLength: 63 }),
  rollbackWindow: duration('rollbackWindow', 'A template whose revision served all traffic within this time takes over at once, without steps, under Manual also without promote; not while paused. 0s: never.', { default: '1h' }),
  progressDeadlineSeconds: integer('How long a rollout may make no progress. Canary and Manual give a revision up (ProgressDeadlineExceeded) that could not serve for so long, because it did not become ready or lost its own pods, or whose analysis step did not pass; AllAtOnce, and onFailure: Pause, report it and go on trying. Pauses do not count.', { minimum: 10, maximum: 86400, default: 600 }),
  onFailure: text('What a failed check leads to. Abort: all traffic goes back. Pause: weights stay until a person decides. Revisions that harm the sandbox are always given up.', { enum: ['Abort', 'Pause'], default: 'Abort' }),
}, {
  default: {},
  'x-kubernetes-validations': [
    { rule: "!has(self.strategy) || self.strategy != 'Canary' || (has(self.steps) && size(self.steps) > 0)", message: 'strategy Canary needs steps, but there is none', fieldPath: '.steps' },
    { rule: '!has(self.steps) || !has(self.analysis) || size(self.analysis) > 0 || !self.steps.exists(step, has(step.analysis))', message: 'a step analysis needs a check, but analysis is empty', fieldPath: '.analysis' },
    { rule: ANALYSIS_HAS_TRAFFIC, message: 'a step analysis needs a setWeight above 0 before it, but there is none', fieldPath: '.steps' },
  ],
});

/** spec.sunset: what becomes of revisions that another one replaced. */
export const sunset = fields('What becomes of a revision that another one replaced.', {
  scaledownDelay: duration('scaledownDelay', 'How long conversations that began on it may go on; then they move to the revision that serves. It ends earlier when none is left.', { default: '1h' }),
  deleteDelay: duration('deleteDelay', 'How long after its last conversation it is kept for going back, within revisionHistoryLimit.', { default: '168h' }),
}, { default: {} });

const failedRevision = fields('A revision whose rollout failed. Its template is not tried again until spec.rollout.retry changes.', {
  'revision!': text('Name of the BotRevision.', { maxLength: 63 }),
  'reason!': text('One word for programs.', { maxLength: 64 }),
  'message!': text('What happened, with the annotations of the template.', { maxLength: 2048 }),
  'time!': time('When it was given up.'),
});

const measurement = fields('The last measurement of one check.', {
  'name!': text('Name of the check.', { maxLength: 63 }),
  'verdict!': text('Inconclusive: too few updates, or no answer.', { enum: ['Passed', 'Failed', 'Inconclusive'] }),
  value: text('What was measured.', { maxLength: 64 }),
  message: text('Why it is inconclusive.', { maxLength: 256 }),
});

/** The part of a Bot's status that speaks of rollouts. */
export const rolloutStatus: Record<string, CrdSchema> = {
  canaryRevision: text('BotRevision that is being rolled out.', { maxLength: 63 }),
  canaryWeight: integer('Percent of the chats that canaryRevision serves; stableRevision serves the rest.', { minimum: 0, maximum: 100 }),
  currentStep: integer('Step of spec.rollout.steps that is under way, counted from 0.', { minimum: 0, maximum: 20 }),
  stepStartedAt: time('When this step began.'),
  stepsHash: text('Hash of the steps that are being taken; changed steps begin anew.', { maxLength: 64 }),
  held: fields('Why no further step is taken: a check failed, and onFailure is Pause.', {
    'reason!': text('One word for programs.', { maxLength: 64 }),
    'message!': text('What happened.', { maxLength: 1024 }),
  }),
  measurements: listByKey('Last measurement of each check.', 'name', measurement, 10),
  failedRevisions: listByKey('Revisions whose rollout failed, newest first.', 'revision', failedRevision, FAILED_REVISIONS_MAX),
  observedRetry: text('spec.rollout.retry as it was last heeded.', { maxLength: 63 }),
  served: listByKey('Revisions that served all traffic, newest first; for rollbackWindow.', 'revision', fields('One revision.', {
    'revision!': text('Name of the BotRevision.', { maxLength: 63 }),
    'until!': time('When another one took over.'),
  }), 10),
};
