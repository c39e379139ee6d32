/** From so many ranks on an exchange in two levels needs far fewer messages than one. */
export const RANKS_OF_TWO_LEVELS = 16;

/**
 * How many consecutive ranks make the first of two levels: the power of two that leaves the fewest messages, and divides the ranks,
 * for what as many ranks have summed is then one node of the tree. 1 where there is none.
 */
export function nearRanks(ranks: number): number {
  let best = 1;
  for (let near = 2; ranks % near === 0; near *= 2) {
    if (near + ranks / near <= best + ranks / best) best = near;
  }
  return best;
}
