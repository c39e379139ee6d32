/** Follows the system's light or dark mode; paper is always light. `apply` runs after each change. */
export function followTheme(/** @type {() => void} */ apply) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = (/** @type {boolean} */ isDark) => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    apply();
  };
  dark.addEventListener('change', () => set(dark.matches));
  addEventListener('beforeprint', () => set(false));
  addEventListener('afterprint', () => set(dark.matches));
  set(dark.matches);
}

/** The value of a colour of the style sheet, for drawing on a canvas. */
export function cssColor(/** @type {string} */ name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colour of a run. */
export function runColor(/** @type {string} */ id) {
  return cssColor(`--run-${id}`);
}
