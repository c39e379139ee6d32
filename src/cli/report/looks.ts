/** A colour in light and in dark mode, and the lengths of dashes and gaps. */
export interface Look {
  readonly light: string;
  readonly dark: string;
  readonly dash: readonly number[];
}

/** They keep a distance under protanopia, deuteranopia and tritanopia, and at least 3:1 from the background. */
const COLORS: readonly (readonly [light: string, dark: string])[] = [
  ['#1d2026', '#f4f5f7'],
  ['#1546c0', '#4b82f5'],
  ['#b32d06', '#ee4e14'],
  ['#16a085', '#63bd86'],
  ['#a98500', '#f6cc24'],
  ['#c561ea', '#c768ac'],
  ['#e0655f', '#ff8a96'],
  ['#4a5c00', '#8b9a34'],
  ['#8f74ee', '#bc8efc'],
  ['#6b7688', '#aab2c6'],
];

const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** The look of the n-th of several lines: other colours first, then other dashes. */
export function lookOf(n: number): Look {
  const [light, dark] = COLORS[n % COLORS.length];
  return { light, dark, dash: DASHES[Math.floor(n / COLORS.length) % DASHES.length] };
}

/** The colours as properties of the page, for both modes. */
export function colorProperties(looks: readonly (readonly [key: string, look: Look])[]): string {
  const rule = (mode: 'light' | 'dark') =>
    looks.map(([key, look]) => `--run-${key}: ${look[mode]};`).join(' ');
  return `:root { ${rule('light')} }\n:root[data-theme="dark"] { ${rule('dark')} }`;
}
