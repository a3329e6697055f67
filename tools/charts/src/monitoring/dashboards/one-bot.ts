import { chosen, lines, number, percentiles, rate } from './model.ts';
import type { Dashboard } from './model.ts';

const BOT = 'bot="$bot"';
const steps = (by: string, ...matchers: string[]): string => rate('botplane_bot_steps_total', by, BOT, ...matchers);

/** One bot, as its owner wants to see it. */
export const ONE_BOT: Dashboard = {
  slug: 'bot', title: 'Botplane / One bot', description: 'What one bot does. There are operator.botMetricsMax bots to choose from at most, and only revisions that serve.',
  variables: [
    { name: 'namespace', label: 'Namespace', of: 'botplane_bot_ready', isMulti: false },
    { name: 'bot', label: 'Bot', of: 'botplane_bot_ready{namespace=~"$namespace"}', isMulti: false },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        number('Ready', 'bool_yes_no', 'Whether it serves as its manifest says; `kubectl describe bot` tells why not.', { ready: `max(botplane_bot_ready${chosen(BOT)})` }, { threshold: { at: 1, below: true }, alert: 'BotplaneTokenTrouble' }),
        number('Traffic', 'percentunit', 'Share of the chats that each revision serves.', { '{{revision}}': `max by (revision) (botplane_bot_traffic_ratio${chosen(BOT)})` }),
        number('Failing steps', 'percentunit', 'Of all steps, those that failed or were killed.', { share: `(${steps('', 'outcome!="ok"')}) / (${steps('')})` }, { threshold: { at: 0.05 } }),
        number('Given up', 'short', 'Updates and calls of the last hour that became dead letters by its own fault.', { 'dead letters': `sum(increase(botplane_bot_dead_letters_total${chosen(BOT)}[1h]))` }, { threshold: { at: 1 }, alert: 'BotplaneDeadLetters' }),
      ],
    },
    {
      title: 'Steps',
      panels: [
        lines('Steps by outcome', 'ops', 'One or more per update; `killed` had to be ended by force.', { '{{outcome}}': steps('outcome') }, { alert: 'BotplaneSandboxKills' }),
        lines('Steps by revision', 'ops', 'While a rollout is under way there are two.', { '{{revision}}': steps('revision') }),
        lines('Failing steps by revision', 'percentunit', 'What `rollout.analysis` looks at.', { '{{revision}}': `${steps('revision', 'outcome!="ok"')} / ${steps('revision')}` }, { threshold: { at: 0.05 }, max: 1 }),
        lines('Time of a step', 's', 'Rounded up to the bound of its bucket.', percentiles('botplane_bot_step_seconds', BOT)),
        lines('Traffic', 'percentunit', 'Share of the chats by revision.', { '{{revision}}': `max by (revision) (botplane_bot_traffic_ratio${chosen(BOT)})` }, { max: 1 }),
        lines('Given up', 'ops', 'Updates and calls that became dead letters by its own fault.', { '{{revision}}': rate('botplane_bot_dead_letters_total', 'revision', BOT) }, { alert: 'BotplaneDeadLetters' }),
      ],
    },
  ],
};
