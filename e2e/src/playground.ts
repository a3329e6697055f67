import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { startSimulator } from '@botplane/simulator';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What the wire carries; journeys read what they need of it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

/** Answers one update of a scripted bot with calls of the Bot API. */
export type Script = (update: Json, api: (method: string, params: object) => Promise<Json>) => unknown;

/** Longest time of one step of a journey; far above what is usual, so that a busy machine fails nothing. */
const STEP_MS_MAX = 30_000;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A simulator of its own with one scripted bot, and pages of its playground. */
export class PlaygroundWorld {
  readonly problems: string[] = [];
  private readonly stopping = new AbortController();

  private constructor(
    private readonly browser: Browser,
    readonly url: string,
    readonly token: string,
    readonly username: string,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(browser: Browser, script: Script, username = 'cafe_bot'): Promise<PlaygroundWorld> {
    const simulator = await startSimulator();
    const made = await fetch(`${simulator.url}/_sim/bots`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username }) });
    const { token } = (await made.json()) as { token: string };
    const world = new PlaygroundWorld(browser, simulator.url, token, username, () => simulator.close());
    void world.runBot(script);
    return world;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.stop();
  }

  /** A call of the bot. */
  async api(method: string, params: object = {}): Promise<Json> {
    const response = await fetch(`${this.url}/bot${this.token}/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
    return response.json();
  }

  /** A control call. */
  async sim(path: string, body?: object): Promise<Json> {
    const response = await fetch(`${this.url}/_sim/${path}`, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return response.json();
  }

  /** A page of a new visitor, whose context the caller closes; what the page complains about is collected in `problems`. */
  async open(search = '', look: { width?: number; height?: number; dark?: boolean; path?: string } = {}): Promise<Page> {
    const { width = 1100, height = 800, dark = false, path = `/play/${this.username}` } = look;
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', locale: 'en', permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true, reducedMotion: 'reduce' });
    const page = await context.newPage();
    // A step that hangs names itself, instead of the whole journey running out of time.
    page.setDefaultTimeout(STEP_MS_MAX);
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.problems.push(message.text()); });
    await page.goto(`${this.url}${path}${search}`);
    return page;
  }

  private async runBot(script: Script): Promise<void> {
    const { signal } = this.stopping;
    for (let offset = 0; !signal.aborted;) {
      try {
        const response = await fetch(`${this.url}/bot${this.token}/getUpdates?offset=${offset}&timeout=20&allowed_updates=${encodeURIComponent('["message","edited_message","callback_query","message_reaction","poll_answer","pre_checkout_query","my_chat_member","chat_member","chat_join_request"]')}`, { signal });
        const { result = [] } = (await response.json()) as { result?: { update_id: number }[] };
        for (const update of result) {
          offset = update.update_id + 1;
          await script(update, (method, params) => this.api(method, params));
        }
      } catch (error) {
        if (!signal.aborted) this.problems.push(`the scripted bot: ${String(error)}`);
        return;
      }
    }
  }
}

/** Asserts that axe finds nothing serious or critical on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, not added as a script: the page's own policy forbids foreign scripts.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as { violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[] };
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join('; ')}`)).toEqual([]);
}
