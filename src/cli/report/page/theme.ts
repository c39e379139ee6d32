/** Follows the system's light or dark mode; paper is always light. `apply` runs after each change. */
export function followTheme(apply: () => void): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = (isDark: boolean) => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    apply();
  };
  dark.addEventListener('change', () => set(dark.matches));
  addEventListener('beforeprint', () => set(false));
  addEventListener('afterprint', () => set(dark.matches));
  set(dark.matches);
}

/** The value of a colour of the style sheet, for drawing on a canvas. */
export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export const runColor = (id: string): string => cssColor(`--run-${id}`);
