/** The word among those known that a slip of the keyboard turned into `word`, if one is near enough. */
export function nearest(word: string, among: readonly string[]): string | undefined {
  let best: string | undefined;
  // One slip for each three letters, two at most: "stat" is near to "state", "foo" to nothing.
  let bound = Math.min(2, Math.floor(bare(word).length / 3)) + 1;
  for (const known of among) {
    const distance = slips(bare(word), bare(known));
    if (distance < bound) {
      best = known;
      bound = distance;
    }
  }
  return best;
}

const bare = (word: string): string => word.toLowerCase().replace(/^-+/, "");

/** Letters that are wrong, missing, too many, or in each other's place (the restricted Damerau-Levenshtein distance). */
function slips(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return Number.MAX_SAFE_INTEGER;
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line[column] = Math.min(
        at(above, column) + 1,
        at(line, column - 1) + 1,
        at(above, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.MAX_SAFE_INTEGER,
      );
    }
    before = above;
    above = line;
  }
  return at(above, other.length);
}

const at = (line: readonly number[], column: number): number => line[column] ?? Number.MAX_SAFE_INTEGER;
