import type { RouteRecord } from '@botplane/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { CompileAnswer } from '../adapters/compile-protocol.ts';
import type { AdmissionRequest } from './protocol.ts';
import { review } from './review.ts';
import type { ReviewDeps } from './review.ts';
import type { ReadSource } from './sources.ts';

const COMPILED = { kind: 'compiled', warnings: [], media: [], files: {}, passport: { stateKey: 'chat_user' } } as unknown as CompileAnswer;
const bot = (spec: object, metadata: object = {}) => ({ apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name: 'echo', namespace: 'shop', uid: 'u1', ...metadata }, spec });
const asked = (object: object, fields: Partial<AdmissionRequest> = {}): AdmissionRequest => ({ uid: '1', operation: 'CREATE', kind: { kind: 'Bot' }, namespace: 'shop', object: object as never, ...fields });

async function decide(request: AdmissionRequest, answer: CompileAnswer = COMPILED, route?: Partial<RouteRecord>, source?: ReadSource) {
  const compile = vi.fn<ReviewDeps['compile']>(() => Promise.resolve(answer));
  return { verdict: await review({ compile, readSource: (_namespace, { botSpec }) => Promise.resolve(source ?? { read: { botSpec: botSpec ?? {} } }), routeOf: () => route as RouteRecord | undefined }, request), compile };
}

describe('[C6] review of a manifest', () => {
  it('says what the compiler says, with the path in the manifest', async () => {
    const answer: CompileAnswer = { kind: 'invalid', errors: [{ code: 'unknown_target', path: 'flows.a.steps[0].goto', message: 'there is no step or flow orderr', remedy: 'did you mean order?' }] };
    const { verdict } = await decide(asked(bot({ template: { spec: { source: { botSpec: {} } } } })), answer);
    expect(verdict).toEqual({
      allowed: false, warnings: [],
      message: 'spec.template.spec.source.botSpec does not compile:\nflows.a.steps[0].goto: there is no step or flow orderr (did you mean order?) [unknown_target]',
      causes: [{ field: 'spec.template.spec.source.botSpec.flows.a.steps[0].goto', message: 'there is no step or flow orderr (did you mean order?) [unknown_target]' }],
    });
  });

  it('shows warnings of a good spec, bounded in length and number', async () => {
    const warnings = Array.from({ length: 20 }, (_, index) => ({ code: 'loop', path: `flows.f${index}`, message: 'x'.repeat(300) }));
    const { verdict } = await decide(asked(bot({ botSpec: {} })), { ...COMPILED, warnings } as CompileAnswer);
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toHaveLength(13);
    expect(Math.max(...verdict.warnings.map((text) => text.length))).toBe(256);
    expect(verdict.warnings.at(-1)).toBe('and 8 more; botplane lint shows all');
  });

  it('compiles nothing for a spec that did not change, an object that is being deleted, or a revision of the operator', async () => {
    const unchanged = asked(bot({ botSpec: { a: 1 } }), { operation: 'UPDATE', oldObject: bot({ botSpec: { a: 1 } }, { generation: 1 }) as never });
    const deleted = asked(bot({ botSpec: {} }, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    const owned = asked({ ...bot({ botRef: { name: 'echo' }, source: { botSpec: {} } }, { ownerReferences: [{ kind: 'Bot', name: 'echo', uid: 'u1', controller: true }] }) }, { kind: { kind: 'BotRevision' } });
    for (const request of [unchanged, deleted, owned]) {
      const { verdict, compile } = await decide(request);
      expect(verdict.allowed).toBe(true);
      expect(compile).not.toHaveBeenCalled();
    }
  });

  it('refuses another stateKey than that of the chats, but not because of an earlier Bot of the same name', async () => {
    const request = asked(bot({ botSpec: { meta: { stateKey: 'user' } } }), { operation: 'UPDATE', oldObject: bot({ botSpec: {} }) as never });
    const byUser = { ...COMPILED, passport: { stateKey: 'user' } } as unknown as CompileAnswer;
    const { verdict } = await decide(request, byUser, { uid: 'u1', stateKey: 'chat_user' });
    expect(verdict).toMatchObject({ allowed: false, message: 'meta.stateKey is user, but the chats of this Bot are kept by chat_user; a Bot keeps its stateKey for life' });
    expect((await decide(request, byUser, { uid: 'earlier', stateKey: 'chat_user' })).verdict.allowed).toBe(true);
  });

  it('refuses a spec that is too large to be stored inline', async () => {
    const { verdict, compile } = await decide(asked(bot({ botSpec: { meta: { name: 'x'.repeat(210_000) } } })));
    expect(verdict).toMatchObject({ allowed: false, message: expect.stringContaining('inline ones may have 200 KB') });
    expect(compile).not.toHaveBeenCalled();
  });

  it('compiles what a ConfigMap or a bundle holds, and says where the mistake is in that', async () => {
    const request = asked(bot({ template: { spec: { source: { configMapRef: { name: 'texts' } } } } }));
    const answer: CompileAnswer = { kind: 'invalid', errors: [{ code: 'unknown_flow', path: 'fallback.flow', message: 'flow `helo` does not exist' }] };
    const { verdict, compile } = await decide(request, answer, undefined, { read: { text: 'meta: {}' } });
    expect(compile.mock.calls[0]?.[0].source).toEqual({ text: 'meta: {}' });
    expect(verdict).toMatchObject({ causes: [{ field: 'spec.template.spec.source.configMapRef', message: 'fallback.flow: flow `helo` does not exist [unknown_flow]' }] });
  });

  it('lets a source through that cannot be read, and refuses one that will never be a bundle', async () => {
    const request = asked(bot({ template: { spec: { source: { bundleRef: { digest: 'a'.repeat(64) } } } } }));
    const { verdict, compile } = await decide(request, COMPILED, undefined, { unread: 'it is not there yet' });
    expect(verdict).toEqual({ allowed: true, warnings: ['botSpec: the BotSpec was not checked now: it is not there yet [not_checked]'] });
    expect(compile).not.toHaveBeenCalled();
    expect((await decide(request, COMPILED, undefined, { refused: 'it is no bundle' })).verdict).toMatchObject({ allowed: false, causes: [{ field: 'spec.template.spec.source.bundleRef' }] });
  });

  it('lets through what it cannot check now, and says so', async () => {
    const { verdict } = await decide(asked(bot({ botSpec: {} })), { kind: 'broken', message: 'the compiler did not finish within 15 s' });
    expect(verdict).toEqual({ allowed: true, warnings: ['botSpec: the BotSpec was not checked now: the compiler did not finish within 15 s [not_checked]'] });
  });
});
