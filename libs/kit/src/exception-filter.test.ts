import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { AppError, ErrorCode } from './app-error.ts';
import { toErrorAnswer } from './exception-filter.ts';

describe('toErrorAnswer', () => {
  it.each([
    [new AppError(ErrorCode.BotGone, 'bot is gone'), 410, 'bot.gone'],
    [new NotFoundException(), 404, 'http'],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 413, 'http'],
    [new Error('password is hunter2'), 500, 'internal'],
    ['a string', 500, 'internal'],
    [null, 500, 'internal'],
  ])('maps %s', (thrown, status, code) => {
    const answer = toErrorAnswer(thrown);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});
