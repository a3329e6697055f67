import { containsKeyword, normaliseWords } from '../program/normalise.ts';
import type { IntentProgram, Program } from '../program/program.ts';
import { own } from './json.ts';

/** The intent of a text: first by the keywords of the chat's locale, then by all others. */
export function matchIntent(program: Program, locale: string, raw: string): IntentProgram | undefined {
  const text = normaliseWords(raw);
  const others = program.meta.locales.filter((other) => other !== locale);
  return bestIntent(program.intents, text, [locale]) ?? bestIntent(program.intents, text, others);
}

/** Priority, then the longest keyword, then the order of the list. */
function bestIntent(intents: readonly IntentProgram[], text: string, locales: readonly string[]): IntentProgram | undefined {
  let best: { intent: IntentProgram; length: number } | undefined;
  for (const intent of intents) {
    const keywords = locales.flatMap((locale) => own(intent.keywords, locale) ?? []);
    const length = Math.max(0, ...keywords.filter((keyword) => containsKeyword(text, keyword)).map((keyword) => keyword.length));
    if (length > 0 && (!best || intent.priority > best.intent.priority || (intent.priority === best.intent.priority && length > best.length))) best = { intent, length };
  }
  return best?.intent;
}
