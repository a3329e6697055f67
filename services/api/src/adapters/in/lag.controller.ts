import { AppError, ErrorCode } from '@botplane/kit';
import { Controller, Get, Inject, UseFilters } from '@nestjs/common';
import type { z } from 'zod';
import { WorkLag } from '../../app/work-lag.ts';
import { ErrorFilter } from './error.filter.ts';
import type { lagView } from './schemas.ts';
import { withinMs } from './within.ts';

/** What autoscalers ask: numbers only, without a key. */
@Controller()
@UseFilters(ErrorFilter)
export class LagController {
  constructor(@Inject(WorkLag) private readonly lag: WorkLag) {}

  @Get('lag')
  async read(): Promise<z.output<typeof lagView>> {
    try {
      return await withinMs(this.lag.readRecent());
    } catch (cause) {
      throw new AppError(ErrorCode.StoreUnavailable, 'the message broker does not answer; try again in a moment', {}, { cause });
    }
  }
}
