// Makes one script and one style sheet of the report's page and the packages that it uses, for they go into the file.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { root } from './shell.mjs';

/**
 * What the report inlines. The packages' licences ask to be kept with every copy, so they stand at the top of both texts,
 * and with these in every report.
 * @returns {Promise<{ script: string, style: string }>}
 */
export async function bundlePage() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/report/page/main.ts'],
    outdir: '.',
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  });
  const withNotices = (output) => {
    const { inputs } = metafile.outputs[output];
    const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0);
    const packages = new Set(used.flatMap((path) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
    const { text } = outputFiles.find(({ path }) => basename(path) === output);
    return [...packages].map(notice).join('') + text;
  };
  return { script: withNotices('main.js'), style: withNotices('main.css') };
}

function notice(folder) {
  const read = (name) => readFileSync(join(root, folder, name), 'utf8');
  const { name, version } = JSON.parse(read('package.json'));
  return `/*! ${name} ${version}\n${read('LICENSE').trim().replaceAll('*/', '* /')}\n*/\n`;
}
