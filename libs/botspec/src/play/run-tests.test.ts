import { describe, expect, it } from 'vitest';
import { compileBotSpec, parseBotSpec, runTests } from '../index.ts';
import type { BotSpec, TestResult } from '../index.ts';

const SPEC = `
meta: { name: T, locales: [en, de], defaultLocale: en }
localization:
  en: { hi: "Hi {{context.user.first_name}}, all well?", "size": "Which size?", small: Small, cups: { one: One cup., other: "{{count}} cups." }, late: Too late. }
  de: { hi: "Hallo {{context.user.first_name}}!" }
state: { size: { type: string }, total: { type: integer }, quote: { type: object } }
commands: [{ command: go, flow: main, hidden: true }]
fallback: { flow: hi }
security: { allowDomains: [api.example] }
flows:
  hi: { steps: [{ reply: { text: $t.hi, reply_markup: { inline_keyboard: [[{ text: $t.small, goto: main, answer: Off we go }, { text: Site, url: "https://x.example" }]] } } }] }
  main:
    timeout: { after: 30m, goto: late }
    steps:
      - choice: { text: $t.size, options: [{ text: $t.small, value: small }, { text: Phone, value: p }], save: size }
      - apiCall: { url: "https://api.example/q", query: { size: "= state.size" }, save: quote, onError: late }
      - save: { total: "= state.total + 1" }
      - reply: { text: $t.cups, count: "= state.total" }
    labels: { late: [{ reply: { text: $t.late, parse_mode: HTML } }] }
`;

function run(test: string): TestResult {
  const parsed = parseBotSpec(`${SPEC}tests:\n  - name: it\n    ${test.trim().replaceAll('\n', '\n    ')}\n`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const compiled = compileBotSpec(parsed.value);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  const [result] = runTests(parsed.value as BotSpec, compiled.program);
  if (!result) throw new Error('no result');
  return result;
}

const api = 'api: [{ url: "https://api.example/q?size=small", json: { total: 3 } }]\n';

describe('tests:', () => {
  it.each([
    ['the whole text, buttons and presses', `${api}steps:\n- say: hello\n- expect: { text: $t.hi, buttons: [$t.small, Site] }\n- tap: $t.small\n- answer: Off we go\n- expect: { text: $t.size }\n- tap: $t.small\n- expect: { text: $t.cups, count: 1 }\n- silence: true`],
    ['part of a text, an expression, a field of the call', 'steps:\n- say: x\n- expect: { contains: all }\n- say: x\n- expect: { matches: "^Hi .*Ann" }\n- say: /go\n- expect: { text: $t.size }\n- wait: 30m\n- expect: { text: $t.late, parse_mode: HTML }'],
    ['another language, person and chat', 'user: { id: 5, first_name: Eva, language_code: de-AT }\nchat: { id: -9, type: group }\nsteps:\n- say: x\n- silence: true\n- say: "@test_bot x"\n- expect: { text: "Hallo Eva!", chat_id: -9 }\n- say: "@test_bot x"\n  from: { id: 6, first_name: Bob }\n- expect: { text: "Hi Bob, all well?" }'],
    ['an API that fails, then another answer in turn', 'api: [{ url: "https://api.example/q?size=small", error: timeout }, { url: "https://api.example/q?size=small", status: 200, json: {} }]\nsteps:\n- say: /go\n- expect: { contains: Which }\n- say: small\n- expect: { text: $t.late }\n- say: /go\n- expect: { contains: Which }\n- tap: Small\n- expect: { contains: One }'],
    ['something that is no text', 'steps:\n- send: { photo: [{ file_id: a, file_unique_id: b, width: 1, height: 1 }] }\n- expect: { text: $t.hi }'],
  ])('passes with %s', (_, test) => {
    expect(run(test)).toEqual({ name: 'it', ok: true });
  });

  it.each([
    ['steps:\n- say: /go\n- expect: { text: Which }', 'tests[0].steps[1]', 'expected “Which”, got “Which size?”'],
    ['steps:\n- say: /go\n- say: small', 'tests[0].steps[1]', 'unexpected message: “Which size?”'],
    ['steps:\n- say: /go', 'tests[0].steps[0]', 'unexpected message: “Which size?”'],
    ['steps:\n- say: x\n- expect: { contains: Hi }\n- expect: { text: more }', 'tests[0].steps[2]', 'no message came'],
    ['steps:\n- say: x\n- expect: { text: $t.hi, buttons: [Small] }', 'tests[0].steps[1]', 'expected buttons “Small”, got “Small”, “Site”'],
    ['steps:\n- say: x\n- expect: { text: $t.hi, parse_mode: HTML }', 'tests[0].steps[1]', 'expected parse_mode "HTML", got none in sendMessage'],
    ['steps:\n- say: x\n- expect: { contains: Hi }\n- tap: Large', 'tests[0].steps[2]', 'there is no button “Large”; buttons: “Small”, “Site”'],
    ['steps:\n- say: x\n- expect: { contains: Hi }\n- tap: Site', 'tests[0].steps[2]', 'button “Site” does not reach the bot: Telegram itself acts on it'],
    ['steps:\n- say: x\n- expect: { contains: Hi }\n- tap: Small\n- answer: Nope', 'tests[0].steps[3]', 'the press was answered with “Off we go”, not “Nope”'],
    ['steps:\n- say: /go\n- expect: { contains: Which }\n- say: phone', 'tests[0].steps[2]', 'the bot called GET https://api.example/q?size=p, which the test has no answer for'],
    ['chat: { id: -9, type: group }\nsteps:\n- say: x\n- expect: { text: $t.hi }', 'tests[0].steps[1]', 'no message came (the update was ignored: not_addressed)'],
  ])('fails: %j', (test, path, problem) => {
    expect(run(test)).toEqual({ name: 'it', ok: false, path, problem });
  });
});
