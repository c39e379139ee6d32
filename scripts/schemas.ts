// Writes the JSON schemas of docs/ from the tables of the program: npx tsx scripts/schemas.ts
import { writeFileSync } from 'node:fs';
import { planSchema } from '../src/cli/compare/plan-file.js';
import { studySchema } from '../src/cli/compare/study-file.js';

for (const [name, schema] of Object.entries({ plan: planSchema, study: studySchema })) {
  const path = new URL(`../docs/${name}.schema.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
}
