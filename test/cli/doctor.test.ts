import { describe, expect, it } from 'vitest';
import { loadErrors, selfTest } from '../../src/cli/doctor/doctor.js';
import { remedyFor } from '../../src/cli/doctor/remedies.js';
import { currentTarget, targets, threads } from '../../src/index.js';
import { runCli } from './run-cli.js';

describe('remedyFor', () => {
  it.each([
    ["/lib/libc.so.6: version `GLIBC_2.38' not found (required by lockstep.node)", /C library here is older/],
    ["/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", /C library here is older/],
    ['Error loading shared library ld-linux-x86-64.so.2: No such file or directory', /another C library/],
    ['lockstep.node: invalid ELF header', /another system or processor/],
    ['\\\\lockstep.node is not a valid Win32 application.', /another system or processor/],
    ['Cannot load native addon because loading addons is disabled.', /--allow-addons/],
  ])('%s', (message, remedy) => expect(remedyFor(message)).toMatch(remedy));

  it('keeps silent where it knows nothing', () => expect(remedyFor('something else')).toBeNull());
});

describe('what the doctor says', () => {
  const missing = { path: '/a/lockstep.node', message: 'no such file', isNamed: false };

  it('passes over empty places when another had the binary', () => {
    const diagnosis = { path: '/b/lockstep.node', loadErrors: [missing], steppedDown: [] };
    expect(loadErrors(diagnosis)).toEqual([]);
    expect(selfTest(diagnosis)).toEqual([['self-test', 'passed on all native targets']]);
  });

  it('tells that the place that LOCKSTEP_BINARY names is one of them', () => {
    const named = { ...missing, isNamed: true };
    const diagnosis = { path: '/b/lockstep.node', loadErrors: [named, missing], steppedDown: [] };
    expect(loadErrors(diagnosis)).toEqual([
      ['not loaded', '/a/lockstep.node (LOCKSTEP_BINARY): no such file'],
    ]);
  });

  it('lists them, and how to get one, when there is none', () => {
    const diagnosis = { path: null, loadErrors: [missing], steppedDown: [] };
    const text = loadErrors(diagnosis).flat().join(' ');
    expect(text).toContain('/a/lockstep.node: no such file');
    expect(text).toContain('npm run build:native');
    expect(selfTest(diagnosis)).toEqual([]);
  });

  it('tells a target that failed its self-test', () => {
    const diagnosis = {
      path: '/b',
      loadErrors: [],
      steppedDown: [{ target: 'avx512', reason: 'adam was wrong' }],
    };
    expect(selfTest(diagnosis)).toEqual([['self-test', 'avx512 is not used: adam was wrong']]);
  });
});

describe('lockstep doctor', () => {
  it('tells the targets, the one in use, the threads and a share of the memory bandwidth', () => {
    const { status, stdout, stderr } = runCli(['doctor'], { env: { LOCKSTEP_BINARY: '/a.node' } });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('not loaded /a.node (LOCKSTEP_BINARY): no such file');
    for (const target of targets()) expect(stdout).toContain(target);
    expect(stdout).toContain(`${currentTarget()} (in use)`);
    expect(stdout).toContain(`threads    ${threads()}`);
    expect(stdout).toMatch(/moves [\d.]+ GB\/s, \d+ % of a plain in-place loop/);
  });
});
