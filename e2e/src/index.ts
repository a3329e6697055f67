export { Environment, LOCAL_DIR, ROOT } from './environment.ts';
export { exampleBot, exampleToken, greeter, manifests } from './manifests.ts';
export type { BotManifest } from './manifests.ts';
export { Person, Simulator } from './simulator.ts';
export type { SimCall, SimMessage, SimUser } from './simulator.ts';
export { localEnvironment } from './local-cli.ts';
