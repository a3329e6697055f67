import { lintCommand, testCommand } from './commands/author.ts';
import type { Command } from './commands/command.ts';
import { diffCommand } from './commands/diff.ts';
import { getCommand } from './commands/get.ts';
import { abortCommand, pauseCommand, promoteCommand, resumeCommand, retryCommand, undoCommand, unpinCommand } from './commands/intents.ts';
import { logsCommand } from './commands/logs.ts';
import { statusCommand } from './commands/status.ts';

interface CommandEntry {
  run: Command;
  usage: string;
  help: string;
  takes: 'bot' | 'file';
}

/** Every command by its name. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  get: { run: getCommand, takes: 'bot', usage: 'get [BOT] [-A] [-w]', help: 'Bots, their revisions with the share of chats each has, and the pods that run them' },
  status: { run: statusCommand, takes: 'bot', usage: 'status BOT [--wait] [--timeout 5m]', help: 'exit code 0: this generation serves; 1: it failed; 3: under way or paused' },
  promote: { run: promoteCommand, takes: 'bot', usage: 'promote BOT [--next | --step N]', help: 'all traffic to the waiting revision now, or on to a step' },
  abort: { run: abortCommand, takes: 'bot', usage: 'abort BOT', help: 'all traffic back to the stable revision; the other one waits for retry' },
  retry: { run: retryCommand, takes: 'bot', usage: 'retry BOT', help: 'try a failed or aborted revision again' },
  undo: { run: undoCommand, takes: 'bot', usage: 'undo BOT [--to-revision R]', help: 'pin the revision that served before' },
  unpin: { run: unpinCommand, takes: 'bot', usage: 'unpin BOT', help: 'take an undo back' },
  pause: { run: pauseCommand, takes: 'bot', usage: 'pause BOT', help: 'keep a rollout at its step' },
  resume: { run: resumeCommand, takes: 'bot', usage: 'resume BOT', help: 'let a paused rollout go on' },
  lint: { run: lintCommand, takes: 'file', usage: 'lint -f FILE… [--strict]', help: 'all mistakes of a manifest, with line and remedy' },
  diff: { run: diffCommand, takes: 'file', usage: 'diff -f FILE…', help: 'what applying would change in what bots do; exit code 1 when something; not of bundles' },
  logs: { run: logsCommand, takes: 'bot', usage: 'logs BOT [--chat ID] [--since 1h] [--follow]', help: 'Events of a bot, and what the services logged about it' },
  test: { run: testCommand, takes: 'bot', usage: 'test BOT | test -f FILE… [--name TEXT]', help: 'run the tests: of what serves now (not of bundles), or of a file' },
};
