/** Five steps, 1 KB of state, and one message that says what the person said. */
export const FIVE_STEPS = {
  meta: { name: 'Bench', locales: ['en'], defaultLocale: 'en', stateKey: 'chat' },
  state: { visits: { type: 'integer', default: 0 }, last: { type: 'string' }, notes: { type: 'string' } },
  fallback: { flow: 'answer' },
  flows: {
    answer: {
      steps: [
        { save: { visits: '= state.visits + 1' } },
        { save: { notes: 'n'.repeat(700) } },
        { branch: [{ when: 'state.visits < 0', goto: 'end' }, { otherwise: 'keep' }] },
        { id: 'keep', save: { last: '{{context.message.text}}' } },
        { reply: { text: '{{context.message.text}}' } },
      ],
    },
  },
};
