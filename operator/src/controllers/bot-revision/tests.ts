import { artefactKey } from '@botplane/contracts';
import { getCondition, isFalse, isTrue } from '@botplane/k8s';
import type { TestAnswer } from '../../adapters/compile-protocol.ts';
import { CONDITION_MESSAGE_CHARS_MAX } from '../../limits.ts';
import { AwayError, done, failed } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import type { RevisionDeps, RevisionWork } from './observe.ts';

/**
 * The `tests` of the spec pass. Asked for by the Bot; undefined when it does not, and before there is anything published. A revision never changes, so
 * one run is enough. It is run from what was published: the ConfigMap or the bundle may be gone long before a Bot asks.
 */
export async function ensureTested(deps: RevisionDeps, work: RevisionWork): Promise<Outcome | undefined> {
  if (work.bot?.spec.rollout?.tests !== 'Required') return undefined;
  const { conditions } = work.revision.status ?? {};
  const known = getCondition(conditions, Conditions.TestsPassed);
  if (isTrue(conditions, Conditions.TestsPassed)) return done(Reasons.TestsPassed, known?.message ?? '');
  if (isFalse(conditions, Conditions.TestsPassed) && known?.reason === Reasons.TestsFailed) return failed(Reasons.TestsFailed, known.message);

  const { revHash } = work.draft.artifact ?? {};
  return revHash === undefined ? undefined : outcomeOf(await runPublished(deps, work, revHash));
}

async function runPublished(deps: RevisionDeps, { botId, revision }: RevisionWork, revHash: string): Promise<TestAnswer> {
  const { secretRefs = [], limits = {} } = revision.spec;
  const passport = await deps.passports.get(botId, revHash);
  const spec = await deps.artefacts.get(artefactKey(botId, revHash, 'spec.json'), passport.files['spec.json'].sha256);
  return deps.compiler.test({ botId, source: { published: spec.toString('utf8') }, secretNames: secretRefs.map((ref) => ref.name), limits });
}

function outcomeOf(answer: TestAnswer): Outcome {
  if (answer.kind === 'broken') throw new AwayError(Reasons.InternalError, answer.message);
  if (answer.kind !== 'tested') return failed(Reasons.TestsFailed, 'the spec does not compile');
  if (answer.failures.length === 0) return done(Reasons.TestsPassed, answer.count === 0 ? 'it has no tests' : `${answer.count} tests passed`);
  return failed(Reasons.TestsFailed, `${answer.failures.length} of ${answer.count} tests failed: ${answer.failures.join('; ')}`.slice(0, CONDITION_MESSAGE_CHARS_MAX));
}
