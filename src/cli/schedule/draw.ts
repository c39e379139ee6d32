import * as format from '../../text/format.js';

/** Rows of a plot in a terminal. */
const ROWS = 12;

// A character of Braille has two columns of four dots, in this order of bits.
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const EMPTY = 0x2800;
const BLANK_END = /\u2800+$/;

/** The step of each of `count` points from the first step to the last. */
function stepsOf(rates: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    Math.round((i * (rates.length - 1)) / Math.max(1, count - 1)),
  );
}

/** The rates as a plot of so many characters across, with the largest rate above and 0 below. */
export function drawInTerminal(rates: readonly number[], width: number): string {
  const top = rates.reduce((most, rate) => Math.max(most, rate), 0);
  const labels = [format.rate(top), format.rate(0)];
  const margin = Math.max(...labels.map((label) => label.length));
  const columns = Math.max(10, width - margin - 2);
  const cells = Array.from({ length: ROWS }, () => new Array<number>(columns).fill(EMPTY));
  const dots = ROWS * 4;
  let before: number | null = null;
  for (const [x, step] of stepsOf(rates, columns * 2).entries()) {
    const height = top === 0 ? 0 : Math.round((rates[step] / top) * (dots - 1));
    // A jump is a line.
    const [low, high] = before === null || before === height ? [height, height] : between(before, height);
    for (let y = low; y <= high; y++) {
      const fromTop = dots - 1 - y;
      cells[fromTop >> 2][x >> 1] |= DOTS[x & 1 ? 1 : 0][fromTop & 3];
    }
    before = height;
  }
  const lines = cells.map((row, r) => {
    const label = r === 0 ? labels[0] : r === ROWS - 1 ? labels[1] : '';
    return `${label.padStart(margin)} ┤${String.fromCodePoint(...row).replace(BLANK_END, '')}`;
  });
  const last = format.count(rates.length - 1);
  const scale = `${' '.repeat(margin + 2)}0${last.padStart(columns - 1)}`;
  return [...lines, scale].join('\n');
}

/** All dots from one height to the next but the first one, which is there. */
function between(before: number, height: number): [low: number, high: number] {
  return before < height ? [before + 1, height] : [height, before - 1];
}

const SIZE = { width: 720, height: 320, left: 80, right: 20, top: 30, bottom: 50 } as const;

/** The heading is code: a font whose letters have one width, which in no common one is more than this share of the size. */
const HEADING = { size: 12, letter: 0.61 * 12 } as const;

/** The rates as a picture. Of a long title the middle is left out above the plot; the picture's own title has it whole. */
export function drawSvg(rates: readonly number[], title: string): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const most = rates.reduce((largest, rate) => Math.max(largest, rate), 0);
  const across = width - left - right;
  const down = height - top - bottom;
  const x = (step: number) => left + (across * step) / Math.max(1, rates.length - 1);
  const y = (rate: number) => top + down * (1 - (most === 0 ? 0 : rate / most));
  const places = stepsOf(rates, Math.min(rates.length, 2 * across));
  const points = places.map((step) => `${x(step).toFixed(1)},${y(rates[step]).toFixed(1)}`).join(' ');
  const axis = `M${left} ${top}V${top + down}H${left + across}`;
  const text = (at: number, from: number, anchor: string, words: string) =>
    `<text x="${at}" y="${from}" text-anchor="${anchor}">${escaped(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<path d="${axis}" fill="none" stroke="#888"/>`,
    `<polyline points="${points}" fill="none" stroke="#1546c0" stroke-width="2"/>`,
    text(left - 8, top + 5, 'end', format.rate(most)),
    text(left - 8, top + down + 5, 'end', '0'),
    text(left, top + down + 20, 'middle', '0'),
    text(left + across, top + down + 20, 'end', format.count(rates.length - 1)),
    text(left + across / 2, top + down + 38, 'middle', 'step'),
    `<text x="${left}" y="${top - 12}" font-family="monospace" font-size="${HEADING.size}">${escaped(cut(title, Math.floor(across / HEADING.letter)))}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Words in one line of at most `most` letters, the middle left out where there are more. */
function cut(words: string, most: number): string {
  const line = words.trim().replace(/\s+/g, ' ');
  if (line.length <= most) return line;
  const end = Math.floor((most - 3) / 2);
  return `${line.slice(0, most - 3 - end)} … ${line.slice(-end)}`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
