import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../area.js';
import type { Nn } from '../lockstep.js';
import type { Contender } from '../measure.js';
import { convert } from '../onnx/convert.js';
import { type NetworkName, networks, sizesOf, takeTurns } from '../training/networks.js';
import { type Child, sampleIn, startProgram } from './child.js';
import { peerEnvironment } from './environment.js';

/** What the names of ONNX Runtime's contenders start with. */
export const ONNX = 'ONNX Runtime';

/** How to get what is 300 MB large and few want. */
const INSTALL = 'npm install --no-save --ignore-scripts onnxruntime-node';

const script = new URL('../onnx/process.ts', import.meta.url);

/** What is to be computed: the forward pass of a network. */
export interface InferenceRequest {
  readonly network: NetworkName;
  readonly quick: boolean;
}

interface Process {
  readonly child: Child;
  readonly threads: number;
}

/** ONNX Runtime, a process for each number of threads, where it is installed. */
export class OnnxPeer {
  /** Its version, or that it is absent. */
  readonly version: string;
  readonly #processes: readonly Process[];
  readonly #directory = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));

  static async open({ threads }: Settings): Promise<OnnxPeer> {
    const processes: Process[] = [];
    let version = '';
    try {
      for (const count of threads) {
        const started = await startProgram(script, [String(count)], peerEnvironment(count));
        version = String(started.hello.version);
        processes.push({ child: started.child, threads: count });
      }
    } catch {
      for (const { child } of processes) child.close();
      return new OnnxPeer(`absent: ${INSTALL}`, []);
    }
    return new OnnxPeer(version, processes);
  }

  private constructor(version: string, processes: readonly Process[]) {
    this.version = version;
    this.#processes = processes;
  }

  /** @throws Error where it computes another output than this package does from the same weights */
  async prepare({ network: name, quick }: InferenceRequest, nn: Nn, work: number): Promise<Contender[]> {
    if (this.#processes.length === 0) return [];
    const network = networks[name](sizesOf(quick));
    nn.manualSeed(1);
    const model = network.model(nn).eval();
    const { x } = takeTurns(network, nn)(0);
    const file = join(this.#directory, `${name}.onnx`);
    writeFileSync(file, convert(nn, model, x));
    const expected = nn.noGrad(() => model.forward(x)).value;
    const contenders: Contender[] = [];
    for (const { child, threads } of this.#processes) {
      const { output } = await child.request({ command: 'prepare', network: name, quick, file });
      checkSameOutput(Array.isArray(output) ? output : [], expected);
      contenders.push({
        name: ONNX,
        threads,
        work,
        run: async (steps) => sampleIn(await child.request({ command: 'run', steps })),
      });
    }
    return contenders;
  }

  close(): void {
    for (const { child } of this.#processes) child.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** @throws Error where two outputs of the same weights differ by more than 1e-4: who computes something else must not win */
export function checkSameOutput(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (actual.length !== expected.length) {
    throw new Error(`${ONNX} gives ${actual.length} numbers, not ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i] - expected[i]) <= 1e-4 * Math.max(1, Math.abs(expected[i])))) {
      throw new Error(`${ONNX} computes another output: number ${i} is ${actual[i]}, not ${expected[i]}`);
    }
  }
}
