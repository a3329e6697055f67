import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bot, InlineKeyboard, InputFile, webhookCallback } from 'grammy';
import type { BotKind, LibraryBots } from './library-bots.ts';

const HANDLERS: Readonly<Record<BotKind, (bot: Bot, apiUrl: string) => void>> = {
  echo: (bot) => bot.on('message:text', (ctx) => ctx.reply(ctx.message.text)),
  keyboard: (bot) => {
    bot.command('start', (ctx) => ctx.reply('Tea?', { reply_markup: new InlineKeyboard().text('Yes', 'yes').text('No', 'no') }));
    bot.on('callback_query:data', async (ctx) => {
      await ctx.answerCallbackQuery({ text: `You chose ${ctx.callbackQuery.data}` });
      await ctx.editMessageText(`Chosen: ${ctx.callbackQuery.data}`);
    });
  },
  file: (bot, apiUrl) => bot.on('message:document', async (ctx) => {
    const { file_path } = await ctx.getFile();
    const text = await (await fetch(`${apiUrl}/file/bot${bot.token}/${file_path}`)).text();
    await ctx.replyWithDocument(new InputFile(Buffer.from(text.toUpperCase()), 'loud.txt'), { caption: `${text.length} bytes` });
  }),
  payment: (bot) => {
    bot.command('buy', (ctx) => ctx.replyWithInvoice('Tea', 'A cup', 'tea', 'XTR', [{ label: 'Tea', amount: 50 }]));
    bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true));
    bot.on('message:successful_payment', (ctx) => ctx.reply(`Paid ${ctx.message.successful_payment.total_amount} ${ctx.message.successful_payment.currency}`));
  },
};

/** grammY's bots: four that poll, and four behind one web server. */
export async function startGrammyBots({ apiUrl, polling, webhook }: LibraryBots): Promise<() => Promise<void>> {
  const make = (kind: BotKind, token: string): Bot => {
    const bot = new Bot(token, { client: { apiRoot: apiUrl } });
    HANDLERS[kind](bot, apiUrl);
    return bot;
  };
  const pollers = Object.entries(polling).map(([kind, token]) => make(kind as BotKind, token));
  const loops = pollers.map((bot) => bot.start());

  const handlers = new Map<string, RequestListener>();
  const server = createServer((request, response) => handlers.get(request.url ?? '')?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const [kind, token] of Object.entries(webhook)) {
    const bot = make(kind as BotKind, token);
    handlers.set(`/${kind}`, webhookCallback(bot, 'http', { secretToken: kind }) as RequestListener);
    await bot.api.setWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${kind}`, { secret_token: kind });
  }
  return async () => {
    await Promise.all(pollers.map((bot) => bot.stop()));
    await Promise.all(loops);
    server.closeAllConnections();
    server.close();
  };
}
