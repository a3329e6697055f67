import { readFileSync, readdirSync } from 'node:fs';
import type { ApiCallResult, GuestEnv } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Player, compileValue } from './player.ts';
import { specOf } from './rule-spec.ts';
import type { RuleSpec } from './rule-spec.ts';

type Move = string | { wait: string } | { next: GuestEnv['conversation'] };

/** One sentence about what the engine tells or asks its executor beside messages, or about what happens between two revisions. */
interface PlayedRule extends RuleSpec {
  rule: string;
  telemetry?: string[];
  /** The second revision. */
  next?: RuleSpec;
  api?: ApiCallResult[];
  play: Move[];
  hears?: string[];
  events?: string[];
  redirect?: string;
  calls?: object[];
}

const folder = new URL('./rules-played/', import.meta.url);
const UNIT_MS: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000 };
const durationMs = (text: string): number => Number.parseInt(text, 10) * (UNIT_MS[text.at(-1) ?? ''] ?? 0);

/** Plays a rule: what people hear, what is told, and whether another revision is to take the last update. */
function play({ telemetry, next, api = [], play: moves, ...rule }: PlayedRule): { hears: string[]; events: string[]; redirect: string | undefined; calls: object[] } {
  const make = (spec: RuleSpec): Player => new Player(compileValue({ ...specOf(spec), ...(telemetry ? { telemetry: { events: telemetry } } : {}) }));
  const answers = [...api];
  let player = make(rule);
  player.api = () => answers.shift() ?? { ok: false, code: 'network' };
  const [hears, events]: [string[], string[]] = [[], []];
  for (const move of moves) {
    if (typeof move === 'object' && 'next' in move) {
      const before = player;
      player = make(next ?? rule);
      player.take(before, { conversation: move.next, revision: 'club-2' });
      continue;
    }
    hears.push(...(typeof move === 'string' ? player.say(move) : player.advance(durationMs(move.wait))));
    events.push(...player.last.events.map(({ name, flow, step, code }) => [name, flow, step, code].filter((part) => part !== undefined).join(' ')));
  }
  return { hears, events, redirect: player.last.redirect, calls: player.calls };
}

describe.each(readdirSync(folder))('%s', (file) => {
  it.each(parse(readFileSync(new URL(file, folder), 'utf8')) as PlayedRule[])('[P1] $rule', (rule) => {
    const played = play(rule);
    if (rule.hears) expect(played.hears).toEqual(rule.hears);
    if (rule.events) expect(played.events).toEqual(rule.events);
    expect(played.redirect).toBe(rule.redirect);
    if (rule.calls) expect(played.calls).toMatchObject(rule.calls);
  });
});
