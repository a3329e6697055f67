import type { RouteRecord } from '@botplane/contracts';
import { canonicalJson, makeBotId } from '@botplane/domain';
import { controllerOf } from '@botplane/k8s';
import type { Bot, BotRevision, BotRevisionSpec, KubeObject } from '@botplane/k8s';
import type { CompileAnswer, CompileJob, Finding } from '../adapters/compile-protocol.ts';
import { refuseStateKey, refuseSize, stateKeyOfSpec, templateOf } from '../controllers/bot/desired.ts';
import { describeFinding, describeFindings, explainFinding } from '../controllers/bot-revision/findings.ts';
import { ADMISSION_WARNINGS_MAX, ADMISSION_WARNING_CHARS_MAX } from '../limits.ts';
import type { AdmissionRequest, Cause, Verdict } from './protocol.ts';

/** What a review works with. */
export interface ReviewDeps {
  compile(job: CompileJob): Promise<CompileAnswer>;
  /** The route of a Bot, if it has one. */
  routeOf(botId: string): RouteRecord | undefined;
}

type RevisionContent = Omit<BotRevisionSpec, 'botRef'>;

/** The part of a manifest that the compiler reads, and where it stands. */
interface Subject {
  botId: string;
  content: RevisionContent;
  /** Path of the BotSpec in the manifest. */
  path: string;
  /** Undefined for a revision that is applied by a person. */
  botUid: string | undefined;
}

const ALLOWED: Verdict = { allowed: true, warnings: [] };

/**
 * Says at `kubectl apply` what the compiler would say later. It refuses nothing that the operator would accept, so that a missing webhook (its
 * failurePolicy is Ignore) only means that the same words stand in the conditions instead.
 */
export async function review(deps: ReviewDeps, request: AdmissionRequest): Promise<Verdict> {
  const subject = subjectOf(request);
  if (!subject) return ALLOWED;
  const refusal = refuseSize(subject.content) ?? refuseStateKey(stateKeyOfSpec(subject.content), servedRoute(deps, subject));
  if (refusal !== undefined) return refuse([{ field: subject.path, message: refusal }], refusal);

  const { content, botId, path } = subject;
  const answer = await deps.compile({
    botId, source: { botSpec: content.source.botSpec ?? {} }, secretNames: (content.secretRefs ?? []).map((ref) => ref.name), limits: content.limits ?? {},
  });
  switch (answer.kind) {
    case 'compiled':
      return { allowed: true, warnings: showWarnings(answer.warnings) };
    case 'invalid':
      return refuse(answer.errors.map((finding) => causeOf(finding, path)), `${path} does not compile:\n${describeFindings(answer.errors)}`);
    case 'refused':
      return refuse(answer.problems.map((message) => ({ field: path, message })), answer.problems.join('; '));
    case 'broken':
      // Not the author's fault: the operator tries again and says so in the conditions.
      return { allowed: true, warnings: showWarnings([{ code: 'not_checked', path: '', message: `the BotSpec was not checked now: ${answer.message}` }]) };
  }
}

/** Undefined when there is nothing to compile: other kinds, a spec that did not change, or a revision that the operator made itself. */
function subjectOf({ kind, operation, namespace, object, oldObject }: AdmissionRequest): Subject | undefined {
  if (!object || object.metadata.deletionTimestamp !== undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
  if (operation === 'UPDATE' && oldObject && canonicalJson(specOf(oldObject)) === canonicalJson(specOf(object))) return undefined;
  const inNamespace = namespace ?? object.metadata.namespace ?? '';
  if (kind.kind === 'Bot') return ofBot(object as Bot, inNamespace);
  return kind.kind === 'BotRevision' && !controllerOf(object) ? ofRevision(object as BotRevision, inNamespace) : undefined;
}

function ofBot(bot: Bot, namespace: string): Subject | undefined {
  const content = templateOf(bot).spec;
  if (content.source?.botSpec === undefined) return undefined;
  const path = bot.spec.template ? 'spec.template.spec.source.botSpec' : 'spec.botSpec';
  // A name may still have to be made up (generateName); the id only goes into the artefact, which is thrown away.
  return { botId: makeBotId(namespace, bot.metadata.name), content, path, botUid: bot.metadata.uid };
}

function ofRevision(revision: BotRevision, namespace: string): Subject | undefined {
  if (revision.spec.source.botSpec === undefined) return undefined;
  return { botId: makeBotId(namespace, revision.spec.botRef.name), content: revision.spec, path: 'spec.source.botSpec', botUid: undefined };
}

const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec ?? null;

/** A route that an earlier Bot of this name left behind does not count. */
function servedRoute(deps: ReviewDeps, { botId, botUid }: Subject): RouteRecord | undefined {
  const route = deps.routeOf(botId);
  return route && route.uid === botUid ? route : undefined;
}

const refuse = (causes: Cause[], message: string): Verdict => ({ allowed: false, message, causes, warnings: [] });

/** kubectl prints causes as it prints those of the schema, and then nothing else: they must hold all that helps. */
const causeOf = (finding: Finding, path: string): Cause => ({ field: finding.path ? `${path}.${finding.path}` : path, message: explainFinding(finding) });

/** kube-apiserver cuts long and many warnings off; these are bounded so that nothing is lost in the middle of a word. */
function showWarnings(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, ADMISSION_WARNINGS_MAX).map((finding) => describeFinding(finding).slice(0, ADMISSION_WARNING_CHARS_MAX));
  const more = findings.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more; botplane lint shows all`] : shown;
}
