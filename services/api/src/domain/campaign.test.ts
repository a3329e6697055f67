import type { CampaignRecord } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { callMessageId, callTo, isOver, stateAfter } from './campaign.ts';

const campaign: CampaignRecord = { v: 1, botId: 'shop_b', id: 'abc', name: 'News', state: 'Running', method: 'sendMessage', params: { text: 'hi' }, total: 2, createdMs: 0, changedMs: 0 };

describe('a campaign', () => {
  it('can be paused and resumed until it is over', () => {
    expect([stateAfter('Running', 'pause'), stateAfter('Paused', 'resume'), stateAfter('Paused', 'cancel')]).toEqual(['Paused', 'Running', 'Cancelled']);
    expect([stateAfter('Done', 'resume'), stateAfter('Cancelled', 'resume'), stateAfter('Cancelled', 'cancel')]).toEqual([undefined, undefined, 'Cancelled']);
    expect([isOver('Paused'), isOver('Cancelled')]).toEqual([false, true]);
  });

  it('has one source for each chat, in the bulk lane', () => {
    expect(callTo(campaign, -100, 7, 5)).toMatchObject({ lane: 'bulk', chat: '-100', source: { key: 'campaign-abc', seq: 8, n: 0 }, params: { text: 'hi', chat_id: -100 } });
    expect(callMessageId(campaign, 7)).not.toBe(callMessageId({ ...campaign, id: 'abd' }, 7));
  });
});
