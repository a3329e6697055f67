export { Checker } from './check/checker.ts';
export type { Verdict } from './check/checker.ts';
export { readDeadLetters } from './check/settled.ts';
export { Feeder } from './load/feeder.ts';
export { Recorder } from './load/recorder.ts';
export { Telegram } from './world/telegram.ts';
export { COUNTING_SPEC, nameTestBots } from './world/test-bots.ts';
export type { TestBot } from './world/test-bots.ts';
