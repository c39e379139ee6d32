// Machines of a kind: namespaces of Linux with a network of their own, joined by links of limited speed, on which launchers of MPI
// start processes as they would over ssh.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { found, run } from './shell.mjs';

const SWITCH = 'lockstep0';
const nameOf = (machine) => `lockstep${machine}`;
const cableOf = (machine) => `lockstepv${machine}`;
/** Addresses that are for documents. */
const addressOf = (machine) => `198.51.100.${machine}`;

/** What a launcher calls in the place of ssh: options, a host, and what to run there. */
const AGENT = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
host=$1
shift
exec ip netns exec lockstep\${host##*.} sh -c "$*"
`;

/** How each launcher is told of hosts, and that their memory is not shared. */
const LAUNCHES = {
  'Open MPI': (agent, hosts) => [
    ...['--mca', 'plm_rsh_agent', agent, '--mca', 'orte_keep_fqdn_hostnames', '1', '--host', hosts],
    ...['--mca', 'pml', 'ob1', '--mca', 'btl', 'tcp,self', '--mca', 'btl_tcp_if_include', 'eth0'],
    ...['--mca', 'oob_tcp_if_include', 'eth0'],
  ],
  MPICH: (agent, hosts) => ['-launcher', 'rsh', '-launcher-exec', agent, '-hosts', hosts],
};

/** @returns why there can be no such machines; null where there can. */
export function whyNoMachines() {
  if (process.platform !== 'linux') return 'only Linux has namespaces';
  if (!found('ip', '-V') || !found('tc', '-V')) return 'iproute2 is not installed';
  const { ok } = run('ip', ['netns', 'add', 'lockstep-probe']);
  if (ok) run('ip', ['netns', 'del', 'lockstep-probe']);
  return ok ? null : 'this user may not make network namespaces';
}

/**
 * Calls `fn(commandOf)` while `count` machines are there. `commandOf({ name, command })` is what starts one process on each of them.
 * @param {number} count
 * @param {string} rate of each link, as tc writes it
 */
export async function withMachines(count, rate, fn) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-machines-'));
  const agent = join(folder, 'agent');
  writeFileSync(agent, AGENT);
  chmodSync(agent, 0o755);
  const machines = Array.from({ length: count }, (_, i) => i + 1);
  const hosts = machines.map(addressOf).join(',');
  try {
    must('ip', 'link', 'add', SWITCH, 'type', 'bridge');
    must('ip', 'link', 'set', SWITCH, 'up');
    for (const machine of machines) addMachine(machine, rate);
    return await fn(({ name, command }) => [
      'ip',
      ...['netns', 'exec', nameOf(1), command],
      ...LAUNCHES[name](agent, hosts),
    ]);
  } finally {
    for (const machine of machines) {
      // A namespace's own goes some time after it, and the next machine of this name wants the name of the cable.
      run('ip', ['link', 'del', cableOf(machine)]);
      run('ip', ['netns', 'del', nameOf(machine)]);
    }
    run('ip', ['link', 'del', SWITCH]);
    rmSync(folder, { recursive: true });
  }
}

function addMachine(machine, rate) {
  const [name, cable] = [nameOf(machine), cableOf(machine)];
  must('ip', 'netns', 'add', name);
  must('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  must('ip', 'link', 'set', cable, 'master', SWITCH, 'up');
  must('ip', '-n', name, 'address', 'add', `${addressOf(machine)}/24`, 'dev', 'eth0');
  for (const device of ['eth0', 'lo']) must('ip', '-n', name, 'link', 'set', device, 'up');
  const limit = ['tbf', 'rate', rate, 'burst', '256k', 'latency', '50ms'];
  must('tc', '-n', name, 'qdisc', 'add', 'dev', 'eth0', 'root', ...limit);
}

function must(command, ...args) {
  const { ok, output } = run(command, args);
  if (!ok) throw new Error(`${command} ${args.join(' ')}: ${output}`);
}
