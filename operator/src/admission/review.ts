import type { RouteRecord } from '@botplane/contracts';
import { canonicalJson, makeBotId } from '@botplane/domain';
import { controllerOf } from '@botplane/k8s';
import type { Bot, BotRevision, BotRevisionSpec, KubeObject } from '@botplane/k8s';
import type { CompileAnswer, CompileJob, Finding, SpecSource } from '../adapters/compile-protocol.ts';
import { refuseStateKey, refuseSize, templateOf } from '../controllers/bot/desired.ts';
import { describeFinding, describeFindings, explainFinding } from '../controllers/bot-revision/findings.ts';
import { ADMISSION_WARNINGS_MAX, ADMISSION_WARNING_CHARS_MAX } from '../limits.ts';
import type { AdmissionRequest, Cause, Verdict } from './protocol.ts';
import type { ReadSource } from './sources.ts';

/** What a review works with. */
export interface ReviewDeps {
  compile(job: CompileJob): Promise<CompileAnswer>;
  /** What stands behind the source of a manifest. */
  readSource(namespace: string, source: BotRevisionSpec['source']): Promise<ReadSource>;
  /** The route of a Bot, if it has one. */
  routeOf(botId: string): RouteRecord | undefined;
}

type RevisionContent = Omit<BotRevisionSpec, 'botRef'>;

/** The part of a manifest that the compiler reads, and where it stands. */
interface Subject {
  botId: string;
  namespace: string;
  content: RevisionContent;
  /** Path of the BotSpec, or of what names it, in the manifest. */
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
  const { content, namespace, path } = subject;
  const refusal = refuseSize(content);
  if (refusal !== undefined) return refuse([{ field: path, message: refusal }], refusal);

  const source = await deps.readSource(namespace, content.source);
  if ('refused' in source) return refuse([{ field: path, message: source.refused }], source.refused);
  if ('unread' in source) return notChecked(source.unread);
  return compileAll(deps, subject, source.read);
}

async function compileAll(deps: ReviewDeps, subject: Subject, source: SpecSource): Promise<Verdict> {
  const { content, botId, path } = subject;
  const answer = await deps.compile({ botId, source, secretNames: (content.secretRefs ?? []).map((ref) => ref.name), limits: content.limits ?? {} });
  switch (answer.kind) {
    case 'compiled': {
      const lost = refuseStateKey(answer.passport.stateKey, servedRoute(deps, subject));
      return lost === undefined ? { allowed: true, warnings: showWarnings(answer.warnings) } : refuse([{ field: path, message: lost }], lost);
    }
    case 'invalid':
      return refuse(answer.errors.map((finding) => causeOf(finding, path, 'botSpec' in source)), `${path} does not compile:\n${describeFindings(answer.errors)}`);
    case 'refused':
      return refuse(answer.problems.map((message) => ({ field: path, message })), answer.problems.join('; '));
    case 'broken':
      // Not the author's fault: the operator tries again and says so in the conditions.
      return notChecked(answer.message);
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
  if (!content.source) return undefined;
  const path = bot.spec.template ? `spec.template.spec.source.${kindOf(content.source)}` : 'spec.botSpec';
  // A name may still have to be made up (generateName); the id only goes into the artefact, which is thrown away.
  return { botId: makeBotId(namespace, bot.metadata.name), namespace, content, path, botUid: bot.metadata.uid };
}

function ofRevision(revision: BotRevision, namespace: string): Subject | undefined {
  return { botId: makeBotId(namespace, revision.spec.botRef.name), namespace, content: revision.spec, path: `spec.source.${kindOf(revision.spec.source)}`, botUid: undefined };
}

const kindOf = ({ configMapRef, bundleRef }: BotRevisionSpec['source']): string => (configMapRef ? 'configMapRef' : bundleRef ? 'bundleRef' : 'botSpec');

const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec ?? null;

/** A route that an earlier Bot of this name left behind does not count. */
function servedRoute(deps: ReviewDeps, { botId, botUid }: Subject): RouteRecord | undefined {
  const route = deps.routeOf(botId);
  return route && route.uid === botUid ? route : undefined;
}

const refuse = (causes: Cause[], message: string): Verdict => ({ allowed: false, message, causes, warnings: [] });

/** kubectl prints causes as it prints those of the schema, and then nothing else: they must hold all that helps. */
function causeOf(finding: Finding, path: string, isInline: boolean): Cause {
  // What a ConfigMap or a bundle holds has no path in the manifest.
  if (!isInline) return { field: path, message: describeFinding(finding) };
  return { field: finding.path ? `${path}.${finding.path}` : path, message: explainFinding(finding) };
}

const notChecked = (why: string): Verdict => ({ allowed: true, warnings: showWarnings([{ code: 'not_checked', path: '', message: `the BotSpec was not checked now: ${why}` }]) });

/** kube-apiserver cuts long and many warnings off; these are bounded so that nothing is lost in the middle of a word. */
function showWarnings(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, ADMISSION_WARNINGS_MAX).map((finding) => describeFinding(finding).slice(0, ADMISSION_WARNING_CHARS_MAX));
  const more = findings.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more; botplane lint shows all`] : shown;
}
