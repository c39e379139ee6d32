/** Why a native binary did not load, by what the system says, and what helps. */
const REMEDIES: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /ERR_DLOPEN_DISABLED|no-addons|addons? (is|are) disabled|ERR_ACCESS_DENIED/i,
    remedy: 'Node.js was told not to load add-ons: start it without --no-addons, or with --allow-addons',
  },
  {
    pattern: /GLIBC(XX)?_[\d.]+' not found|version `GLIBC/,
    remedy:
      'the C library here is older than the binary needs: build it here with npm run build:native, or use a newer system',
  },
  {
    pattern: /ld-linux|libc\.musl|__\w+_chk: symbol not found/,
    remedy: 'the binary is for another C library (glibc or musl): install the package again on this system',
  },
  {
    pattern: /invalid ELF header|wrong ELF class|incompatible architecture|not a valid Win32|exec format/i,
    remedy: 'the binary is for another system or processor: install the package again on this one',
  },
];

/** What to do about a binary that did not load, or `null` where only the message can tell. */
export function remedyFor(message: string): string | null {
  return REMEDIES.find(({ pattern }) => pattern.test(message))?.remedy ?? null;
}
