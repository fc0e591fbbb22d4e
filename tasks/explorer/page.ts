/**
 * The explorer as one HTML page that needs nothing else.
 *
 * @module
 */
import { divergences } from "../../lib/divergences/registry.ts";
import { documentHead } from "../../lib/html/document_head.ts";
import type { ExplorerPair } from "../../lib/figures/explorer/explorer_pair.ts";
import { explorerMethods } from "../../lib/figures/explorer/explorer_settings.ts";
import { escapeHtml, scriptJson, scriptSource } from "../../lib/html/html.ts";
import { ORDERS } from "../../lib/objectives/composition.ts";
import { explorerStyle } from "./style.ts";

/** What the page is made of. */
export interface ExplorerPageOptions {
  /** The pairs that a reader chooses from. */
  pairs: readonly ExplorerPair[];
  /** The program, `app.ts` with all that it imports. */
  program: string;
}

const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

/** Places of the α line that have names. */
const namedOrders = [
  { alpha: -1, title: "−1: GKD, DistiLLM", detail: "the arithmetic mean" },
  { alpha: 1, title: "1: TAID", detail: "the geometric mean" },
  { alpha: 3, title: "3: harmonic", detail: "the harmonic mean" },
];

const divergenceTitles: Record<string, string> = {
  "kl": "Kullback–Leibler",
  "amari": "Amari’s α (α = 0)",
  "alpha-beta": "αβ (α = 0.2, β = 0.7)",
  "renyi": "Rényi (order ½)",
  "jensen-shannon": "Jensen–Shannon (β = ½)",
  "jeffreys": "Jeffreys",
  "total-variation": "total variation",
  "squared-hellinger": "squared Hellinger",
  "chi-squared": "χ²",
};

const option = (value: string, title: string) => `<option value="${escapeHtml(value)}">${escapeHtml(title)}</option>`;

/** A slider with a field for the number itself. */
function slider({ name, label, min, max }: { name: string; label: string; min: number; max: number }): string {
  return `<div class="slider">
<label for="${name}">${label}</label>
<input id="${name}-text" type="text" inputmode="text" autocomplete="off" spellcheck="false" aria-label="${label}, as a number">
<input id="${name}" type="range" min="${min}" max="${max}" step="0.01">
</div>`;
}

const alphaLine = `<div class="ticks" role="group" aria-label="Orders that have names">${
  namedOrders.map(({ alpha, title, detail }) =>
    `<button type="button" data-alpha="${alpha}" style="--at: ${(alpha + 5) / 10}" title="${detail}">${title}</button>`
  ).join("")
}</div>`;

const orders = ORDERS.map((order) =>
  `<label><input type="radio" name="order" value="${order}"><span>${order[0]}‖${order[1]}</span></label>`
).join("");

const methods = explorerMethods.map(({ title, detail }, i) =>
  `<button type="button" data-method="${i}" title="${escapeHtml(detail)}">${escapeHtml(title)}</button>`
).join("");

const number = (id: string, title: string) => `<div><dt>${title}</dt><dd><output id="${id}"></output></dd></div>`;

const panel = (id: string, heading: string, legend: string) =>
  `<figure><figcaption><h2>${heading}</h2><p>${legend}</p></figcaption>
<canvas id="${id}" role="img" aria-label=""></canvas></figure>`;

const key = (name: string, text: string) => `<span class="key ${name}">${text}</span>`;

/** Writes the page. */
export function explorerPage({ pairs, program }: ExplorerPageOptions): string {
  return `${documentHead({ title: "The α-mixture explorer", policy, style: explorerStyle })}
<body>
<header>
<h1>The α-mixture explorer</h1>
<p>Teacher <i class="p">p</i>, student <i class="q">q</i>, and the assistant <i class="r">r</i> between them:
<span class="nowrap"><i>r</i> ∝ (λ <i>p</i><sup>e</sup> + (1 − λ) <i>q</i><sup>e</sup>)<sup>1/e</sup></span>
with <span class="nowrap">e = (1 − α)/2</span>. Drag α and λ; every number is the library’s own.</p>
</header>
<main id="explorer">
<form class="controls" aria-label="Settings">
<div class="knobs">
${slider({ name: "alpha", label: "order α", min: -5, max: 5 })}
${alphaLine}
${slider({ name: "lambda", label: "teacher’s weight λ", min: 0, max: 1 })}
</div>
<label class="field">teacher and student<select id="pair">${
    pairs.map(({ name, title }) => option(name, title)).join("")
  }</select></label>
<label class="field">divergence D<select id="divergence">${
    divergences().map((name) => option(name, divergenceTitles[name] ?? name)).join("")
  }</select></label>
<fieldset class="orders"><legend>its arguments</legend>${orders}</fieldset>
<label class="check"><input id="detach" type="checkbox"> hold r constant</label>
<fieldset class="methods"><legend>methods</legend>${methods}</fieldset>
<dl class="numbers" aria-label="Numbers">
${number("value", '<span id="value-name">D</span> / nats')}
${number("gradient-norm", "length of the gradient")}
${number("forward-cosine", "cosine with forward KL’s")}
${number("reverse-cosine", "cosine with reverse KL’s")}
${number("entropy", "entropy of r / nats")}
</dl>
</form>
<div class="panels">
${
    panel(
      "distributions",
      "Probabilities",
      `${key("p", "teacher p")} ${key("q", "student q")} ${key("r", "assistant r")}
<label class="check"><input id="logarithmic" type="checkbox"> logarithmic</label>`,
    )
  }
${panel("weights", "Weight ω", `${key("w", "ω = ∂ log m/∂ log q: how closely r follows the student")}`)}
${
    panel(
      "gradients",
      "Push on the student’s logits",
      `${key("g", "−∂D/∂z")} ${key("f", "p − q, the push of forward KL")}`,
    )
  }
<div class="point"><label for="point">point</label><input id="point" type="range" min="0" max="999" step="1">
<dl class="numbers" aria-label="Numbers at the point">
${number("at-x", '<span id="at-x-name">x</span>')}${number("at-p", "p")}${number("at-q", "q")}${number("at-r", "r")}
${number("at-weight", "ω")}${number("at-gradient", "−∂D/∂z")}
</dl></div>
<details id="numbers"><summary>All numbers</summary>
<textarea id="table" readonly rows="12" wrap="off" aria-label="x, p, q, r, ω and ∂D/∂z of every point, parted by tabs"></textarea></details>
</div>
</main>
<footer><p id="state" role="status"></p><p id="pace"></p></footer>
<script type="application/json" id="pairs">${scriptJson(pairs)}</script>
<script type="module">${scriptSource(program)}</script>
</body>
</html>
`;
}
