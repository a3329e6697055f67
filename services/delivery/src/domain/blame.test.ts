import { expect, it } from 'vitest';
import { isRevisionsFault } from './blame.ts';

it.each(['text_too_long', 'bad_entities', 'bad_request', 'file_missing', 'ref_unknown'])('%s speaks against the revision', (reason) => expect(isRevisionsFault(reason)).toBe(true));

it.each(['blocked', 'chat_not_found', 'no_token', 'unreachable', 'http_502'])('%s would have happened to any revision', (reason) => expect(isRevisionsFault(reason)).toBe(false));
