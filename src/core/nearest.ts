/**
 * The known name that a mistyped one most likely stands for: a third of its letters away at most, or the one an abbreviation
 * of the other (`eps` and `epsilon`). Case, hyphens and underscores do not count: `weight_decay` is `weightDecay`.
 */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const given = plain(typed);
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const candidate = plain(name);
    const edits = editDistance(given, candidate);
    if (edits < least && isNear(given, candidate, edits)) {
      nearest = name;
      least = edits;
    }
  }
  return nearest;
}

const plain = (name: string) => name.replace(/[-_]/g, '').toLowerCase();

function isNear(given: string, known: string, edits: number): boolean {
  const length = Math.max(given.length, known.length);
  // A name of one letter is the beginning of too much to be what somebody meant.
  const shortened = known.length > 1 && (abbreviates(given, known) || abbreviates(known, given));
  return shortened || (edits < length && edits <= Math.max(1, length / 3));
}

/** Whether the first is the second with letters left out, but not its first one. */
function abbreviates(short: string, long: string): boolean {
  if (short === '' || short[0] !== long[0]) return false;
  let at = 0;
  for (const letter of short) {
    at = long.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Levenshtein's, and Damerau's exchange of neighbours: how many letters must be put in, taken out, replaced or exchanged. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      const crossed = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const exchanged = crossed ? before[column - 2] + 1 : replaced;
      current.push(Math.min(replaced, exchanged, above[column] + 1, current[column - 1] + 1));
    }
    [before, above] = [above, current];
  }
  return above[b.length];
}
