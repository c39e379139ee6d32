export type { Communicator } from './communicator.js';
export { close, type InitOptions, init } from './init.js';
export { type Addition, type LeafNode, LeafPlan } from './leaf-plan.js';
export {
  allGather,
  allReduce,
  type BroadcastOptions,
  barrier,
  broadcast,
  type Exchangeable,
  type OperationOptions,
  type ReduceOptions,
  reduceScatter,
  traffic,
} from './operations.js';
export { localRank, type Reduction, rank, size, type Traffic, world } from './world.js';
