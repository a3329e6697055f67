/** A whole flow's steps for each kind of step; the docs show them, and a test compiles them. They share EXAMPLE_HEAD. */
export const STEP_EXAMPLES: { readonly [kind: string]: string } = {
  reply: `steps:
  - reply: { text: "Hi {{context.user.first_name}}!" }
  - reply:
      photo: https://shop.example/menu.png
      caption: $t.menu
      reply_markup: { inline_keyboard: [[{ text: $t.order, goto: other, answer: One moment }]] }`,
  ask: `steps:
  - ask: { text: "How many cups?", expect: integer, save: cups, reask: "A number, please.", timeout: { after: 30m, goto: late } }
  - ask: { text: "Your phone?", expect: phone, button: Share my number, save: phone }
labels:
  late: [{ reply: { text: "No hurry, write when you are ready." } }]`,
  choice: `steps:
  - choice:
      text: Which size?
      options:
        - { text: Small, value: small }
        - { text: Large, value: large }
        - { text: Never mind, goto: end }
      columns: 2
      save: size
      removeButtons: true`,
  validate: `steps:
  - ask: { text: "How many cups?", expect: integer, save: cups }
  - validate: { schema: { type: integer, minimum: 1, maximum: 20 }, message: "1 to 20, please.", attempts: 3, otherwise: other }
  - id: name
    ask: { text: "A name for the cup?", save: name }
  - validate: { regex: "^[A-Za-z ]{2,20}$", message: "Letters only.", retry: name }`,
  save: `steps:
  - save: { cups: "= state.cups + 1", size: small, name: "{{context.user.first_name}}", phone: null }
  - save: { locale: de }`,
  apiCall: `steps:
  - apiCall:
      method: POST
      url: https://api.shop.example/orders
      headers: { authorization: "Bearer {{secret.SHOP_KEY}}" }
      json: { size: "= state.size", cups: "= state.cups" }
      timeoutMs: 2000
      retries: 2
      map: { total: "= response.body.total" }
      onError: sorry
  - reply: { text: "That is {{state.total}} €." }
labels:
  sorry: [{ reply: { text: "The till is down ({{context.error.code}})." } }]`,
  goto: `steps:
  - goto: { to: other, when: state.cups > 10, elseNext: few }
labels:
  few: [{ reply: { text: Few. } }, { goto: end }]`,
  branch: `steps:
  - branch:
      - { when: 'state.size == "large" && state.cups > 3', goto: many }
      - { when: has(state.name), goto: end }
      - { otherwise: other }
labels:
  many: [{ reply: { text: A lot of coffee. } }]`,
  call: `steps:
  - call: { flow: other }
  - reply: { text: And back again. }`,
  end: `steps:
  - reply: { text: Bye. }
  - end: { all: true, clear: [phone] }`,
};

/** What the examples take for granted. */
export const EXAMPLE_HEAD = `meta: { name: Shop, locales: [en, de], defaultLocale: en }
localization: { en: { menu: Menu, order: Order }, de: { menu: Karte, order: Bestellen } }
state:
  size: { type: string }
  name: { type: string }
  phone: { type: string, pii: true, ttl: 30d }
  cups: { type: integer, default: 0 }
  total: { type: number }
commands: [{ command: start, description: $t.order, flow: main }]
security: { allowDomains: [api.shop.example] }
`;

/** The whole spec of an example. */
export function exampleSpecText(kind: string): string {
  const steps = STEP_EXAMPLES[kind] ?? '';
  return `${EXAMPLE_HEAD}flows:\n  other: { steps: [{ reply: { text: Hello } }] }\n  main:\n    ${steps.replaceAll('\n', '\n    ')}\n`;
}
