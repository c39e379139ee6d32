import { type Program, SCRATCH } from '../program.js';

/** Ends once all ranks have begun it: in every round each hears of twice as many others. */
export function barrierProgram(program: Program, rank: number, size: number): void {
  const offset = program.takeScratch(2);
  for (let distance = 1, round = 0; distance < size; distance *= 2, round++) {
    program.receive((rank - distance + size) % size, { area: SCRATCH, offset: offset + 1, bytes: 1 });
    program.send((rank + distance) % size, { area: SCRATCH, offset, bytes: 1 });
    program.waitForAll(round);
  }
}
