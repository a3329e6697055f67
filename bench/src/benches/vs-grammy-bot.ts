import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bot, webhookCallback } from 'grammy';

/** What a careful author runs without a platform: grammY behind node:http, nothing durable. Argument: root of the Bot API. */
const [apiRoot = ''] = process.argv.slice(2);
const bot = new Bot('1:bench', {
  client: { apiRoot },
  botInfo: {
    id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot', can_join_groups: true, can_read_all_group_messages: false, supports_inline_queries: false, can_connect_to_business: false, has_main_web_app: false,
  } as Bot['botInfo'],
});
bot.on('message:text', (context) => context.reply(context.message.text));

const handle = webhookCallback(bot, 'http', { secretToken: 'bench' });
const server = createServer((request, response) => void handle(request, response));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
