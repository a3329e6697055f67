export { startSimulator } from './start-simulator.ts';
export type { RunningSimulator, SimulatorOptions } from './start-simulator.ts';
