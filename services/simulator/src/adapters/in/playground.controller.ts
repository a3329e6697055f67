import { readFile } from 'node:fs/promises';
import { Controller, Get, Inject, Param, Query, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { BotAccount } from '../../app/bot-account.ts';
import { commandsFor } from '../../app/methods/commands.ts';
import { Simulator } from '../../app/simulator.ts';
import type { MessageTrace } from '../../app/trace-message.ts';
import { traceMessage } from '../../app/trace-message.ts';
import { ControlError } from '../../domain/control-error.ts';
import { ControlErrorFilter } from './control-error.filter.ts';
import { INPUT, read } from './control-input.ts';
import { LoopbackGuard } from './loopback.guard.ts';

/** Where the build puts the page; the same from `src` and from `dist`. */
const PAGE_FOLDER = new URL('../../../dist/playground/', import.meta.url);

const TYPES = { 'app.js': 'text/javascript; charset=utf-8', 'app.css': 'text/css; charset=utf-8', 'index.html': 'text/html; charset=utf-8' } as const;
type PageFile = keyof typeof TYPES;

/** Only our own script and style; pictures may come from wherever a bot took them. */
const SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src * data: blob:; base-uri 'none'; form-action 'none'";

/** The chat in the browser, and what it needs beside the control interface. */
@Controller()
@UseGuards(LoopbackGuard)
@UseFilters(ControlErrorFilter)
export class PlaygroundController {
  constructor(@Inject(Simulator) private readonly simulator: Simulator) {}

  @Get(['play', 'play/:username'])
  page(@Res() reply: FastifyReply): Promise<void> {
    return sendFile(reply, 'index.html');
  }

  @Get('play/assets/:file')
  asset(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    if (!Object.hasOwn(TYPES, file)) throw new ControlError(404, `file: ${file} is not part of the playground`);
    return sendFile(reply, file as PageFile);
  }

  @Get('_sim/playground')
  bots(): { bots: { username: string; name: string; live: boolean }[] } {
    const bots = this.simulator.accounts.all().map((account) => ({
      username: account.bot.username, name: account.bot.firstName, live: account.isLive(Date.now()),
    }));
    return { bots: bots.sort((a, b) => a.username.localeCompare(b.username)) };
  }

  /** A person's chat with a bot as it is now; events after `seq` tell how it goes on. */
  @Get('_sim/playground/:username')
  chat(@Param('username') username: string, @Query() query: unknown): Record<string, unknown> {
    const account = this.account(username);
    const { user_id, language } = read(INPUT.playground, query);
    return {
      token: account.token, id: account.bot.id, username: account.bot.username, name: account.bot.firstName,
      live: account.isLive(Date.now()), pending: account.pending.size,
      commands: commandsFor(account, user_id, user_id, language),
      messages: account.messagesAfter(user_id, 0).slice(-500),
      seq: account.events.lastSeq,
    };
  }

  @Get('_sim/playground/:username/trace')
  trace(@Param('username') username: string, @Query() query: unknown): MessageTrace {
    const { chat_id, message_id } = read(INPUT.trace, query);
    return traceMessage(this.account(username), chat_id, message_id);
  }

  /** What a file_id shows: the bytes that were uploaded, or the address that Telegram would have fetched. */
  @Get('_sim/files/:token/:fileId')
  file(@Param('token') token: string, @Param('fileId') fileId: string, @Res() reply: FastifyReply): void {
    const file = this.simulator.accounts.get(token).files.get(fileId);
    if (!file) throw new ControlError(404, `file_id: ${fileId} has no content here; files are kept for a while and not over a restart`);
    if ('url' in file) void reply.redirect(file.url);
    else void reply.header('x-content-type-options', 'nosniff').type(file.mimeType || 'application/octet-stream').send(file.bytes);
  }

  private account(username: string): BotAccount {
    const account = this.simulator.accounts.findByUsername(username);
    if (!account) throw new ControlError(404, `username: there is no bot @${username}; GET /play lists those there are`);
    return account;
  }
}

async function sendFile(reply: FastifyReply, file: PageFile): Promise<void> {
  const content = await readFile(new URL(file, PAGE_FOLDER)).catch(() => null);
  if (content === null) {
    await reply.code(503).type('text/plain').send('The playground is not built. Run: npm run build -w @botplane/simulator\n');
    return;
  }
  await reply.type(TYPES[file]).header('content-security-policy', SECURITY_POLICY).header('cache-control', 'no-cache').send(content);
}
