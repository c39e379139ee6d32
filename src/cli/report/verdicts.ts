import * as format from '../../text/format.js';
import { type Judged, LABELS } from '../compare/claims/claim.js';
import { html, type Markup } from './markup.js';

/** What is said about ways to train, and what the runs of this study say. */
export function verdictsSection(judged: readonly Judged[]): Markup {
  return html`<section id="verdicts">
<h2>What is said, and what was measured</h2>
<p>Claims that are often made, held against the runs above and, where a claim is about steps rather than networks, against
small problems whose answer is known. ${summary(judged)}</p>
<div class="verdicts">${judged.map(verdict)}</div>
<p class="note">A claim about runs is called supported, or the contrary of it, only where the differences over seeds are away from zero, with all
such verdicts of this page taken into account: of a hundred studies whose configurations are equally good, at most five support any. Claims
about small problems hold for these problems: there is no chance in them, and every optimizer has the best of the same thirteen rates.</p>
</section>`;
}

export function summary(judged: readonly Judged[]): string {
  const count = (wanted: string) => judged.filter(({ finding }) => finding.verdict === wanted).length;
  const [supported, against, open] = [count('supported'), count('not supported'), count('open')];
  return `Of ${format.counted(judged.length, 'claim')}, ${supported} ${supported === 1 ? 'is' : 'are'} supported here, ${against} ${against === 1 ? 'is' : 'are'} not, ${open} ${open === 1 ? 'stays' : 'stay'} open.`;
}

/** Words, and flags that are not to be broken where a line ends. */
function needs(text: string): Markup {
  const [words, ...flags] = text.split(/ (?=--)/);
  return html`${words}${flags.map((flag) => html` <code>${flag}</code>`)}`;
}

function verdict({ claim, finding }: Judged): Markup {
  const { verdict, numbers, figure } = finding;
  const measured =
    numbers.length === 0
      ? html`<p class="needs">To find out: ${needs(claim.needs)}</p>`
      : html`<dl>${numbers.map(({ what, text }) => html`<div><dt>${what}</dt><dd>${text}</dd></div>`)}</dl>`;
  const reference = figure === null ? '' : html`<a class="reference" href="#${figure}">The figure</a>`;
  return html`<article data-verdict="${verdict}" id="claim-${claim.id}">
  <p class="stamp">${LABELS[verdict]}</p>
  <div><h3>${claim.text}</h3>${measured}${reference}</div>
</article>`;
}
