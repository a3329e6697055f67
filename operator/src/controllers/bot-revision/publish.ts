import { artefactKey } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit/plain';
import type { CompileAnswer, SpecSource } from '../../adapters/compile-protocol.ts';
import { CONDITION_MESSAGE_CHARS_MAX, CONFIG_MAP_RECHECK_MS } from '../../limits.ts';
import { AwayError, done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { missingConfigMap, readSpecText } from '../config-map-source.ts';
import { artefactFolder } from './artefacts.ts';
import { describeFindings } from './findings.ts';
import type { RevisionDeps, RevisionWork } from './observe.ts';

type Compiled = Extract<CompileAnswer, { kind: 'compiled' }>;

/** The revision is compiled, checked and stored. What status says is published is never built again, whatever the operator's version. */
export async function ensurePublished(deps: RevisionDeps, work: RevisionWork): Promise<Outcome> {
  const { artifact } = work.draft;
  if (artifact) {
    deps.holds.release(work.revision.metadata.uid ?? '');
    return done(Reasons.Published, artifact.revHash);
  }

  const { limits, secretRefs } = work.revision.spec;
  const source = await contentOf(deps, work);
  if ('state' in source) return source;
  const answer = await deps.compiler.compile({
    botId: work.botId, source, secretNames: (secretRefs ?? []).map((ref) => ref.name), limits: limits ?? {},
  });
  switch (answer.kind) {
    case 'compiled':
      return publish(deps, work, answer);
    case 'invalid':
      return failed(Reasons.CompileFailed, describeFindings(answer.errors));
    case 'refused':
      return failed(Reasons.PreflightFailed, answer.problems.join('; ').slice(0, CONDITION_MESSAGE_CHARS_MAX));
    case 'broken':
      throw new AwayError(Reasons.InternalError, answer.message);
  }
}

/** What is compiled. Content that changed since the revision was made belongs to another revision. */
async function contentOf(deps: RevisionDeps, { revision, bundle }: RevisionWork): Promise<SpecSource | Outcome> {
  const { botSpec, configMapRef } = revision.spec.source;
  if (bundle) return { bundled: bundle.specText, files: bundle.facts };
  if (!configMapRef) return { botSpec: botSpec ?? {} };
  const namespace = revision.metadata.namespace ?? '';
  const content = await readSpecText(deps.client, namespace, configMapRef);
  if (!content) return waiting(Reasons.ConfigMapMissing, missingConfigMap(namespace, configMapRef), CONFIG_MAP_RECHECK_MS);
  if (configMapRef.digest !== undefined && configMapRef.digest !== content.digest) {
    return waiting(Reasons.SourceChanged, `ConfigMap ${configMapRef.name} has other content now; bring back the one with digest ${configMapRef.digest.slice(0, 12)}…, or let the newer BotRevision serve`, CONFIG_MAP_RECHECK_MS);
  }
  return { text: content.text };
}

async function publish(deps: RevisionDeps, work: RevisionWork, { passport, files, media }: Compiled): Promise<Outcome> {
  const { botId, revHash, compiler } = passport;
  await deps.holds.hold(work.revision.metadata.uid ?? '', artefactFolder(botId, revHash));
  try {
    await publishMedia(deps, work, media);
    await Promise.all([
      deps.artefacts.put(artefactKey(botId, revHash, 'bot.js'), files['bot.js'], 'text/javascript'),
      deps.artefacts.put(artefactKey(botId, revHash, 'spec.json'), files['spec.json'], 'application/json'),
    ]);
    // Last: whoever finds the passport finds the rest.
    await deps.artefacts.put(artefactKey(botId, revHash, 'rev.json'), files['rev.json'], 'application/json');
  } catch (error) {
    if (!(error instanceof AppError && error.code === ErrorCode.ArtefactConflict)) throw error;
    const { key } = error.fields;
    return failed(Reasons.ArtefactConflict, `S3 holds other content under ${typeof key === 'string' ? key : `bots/${botId}/${revHash}`}; nothing was overwritten`);
  }
  deps.passports.remember(passport);
  deps.log.info({ botId, revision: work.revision.metadata.name, revHash }, 'revision published');
  deps.failpoints.hit('after-published');
  work.code = files['bot.js'];
  work.draft.artifact = { revHash, sha256: passport.files['bot.js'].sha256, compiler: `${compiler.name}@${compiler.version}` };
  return done(Reasons.Published, revHash);
}

/** Files of the bundle that the bot sends. One after the other: together they may be large. */
async function publishMedia(deps: RevisionDeps, { bundle }: RevisionWork, media: Compiled['media']): Promise<void> {
  for (const { path, file } of media) {
    const content = bundle?.files.get(path);
    if (content) await deps.artefacts.put(file.key, content, file.mimeType);
  }
}
