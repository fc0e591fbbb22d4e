/**
 * The look of the report page.
 *
 * @module
 */
import { palette } from "./specification.ts";

/** The style sheet: light and dark by the reader's choice, one column on small screens, light on paper. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #5d656f; --line: #e4e1d9; --wash: #f4f1ea;
  --teacher: ${palette.teacher}; --student: ${palette.student}; --start: ${palette.start};
  --constant: ${palette.constant};
  --plot-ink: #5d656f; --plot-grid: rgba(93, 101, 111, .16);
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --card: #1b1e24; --ink: #e6e4df; --soft: #9aa1ab; --line: #2c3038; --wash: #20242b;
    --plot-ink: #a3aab4; --plot-grid: rgba(163, 170, 180, .16);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 var(--sans); text-rendering: optimizeLegibility;
}
main { max-width: 1080px; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.15; letter-spacing: -.01em; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 3rem); margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.55rem; margin: 3.2rem 0 .4rem; }
p.lead, ul.note li, figcaption, footer { overflow-wrap: anywhere; }
p.lead, p.note { color: var(--soft); margin: 0 0 1.2rem; max-width: 68ch; }
p.lead { font-size: 1.1rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15.5rem, 1fr)); gap: 1rem; margin: 2rem 0 0; }
.card, figure, .example {
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
}
.card { padding: 1.3rem 1.4rem 1.2rem; display: flex; flex-direction: column; }
.card .name { font-size: .82rem; color: var(--soft); letter-spacing: .02em; }
.card .value { font: 600 2.9rem/1.15 var(--serif); font-variant-numeric: lining-nums tabular-nums; margin: .15rem 0; }
.card .value small { font-size: 1.15rem; font-weight: 400; color: var(--soft); margin-left: .3rem; }
.card .detail { font-size: .92rem; color: var(--soft); }
.scale { height: 6px; border-radius: 3px; background: var(--line); margin: .9rem 0 .7rem; }
.scale { display: flex; overflow: hidden; }
.scale .start { background: var(--start); } .scale .student { background: var(--student); }
.scale .constant { background: var(--constant); }
.figures { margin-top: 1.1rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: 1rem 1rem .9rem; min-width: 0; }
figure.wide { grid-column: 1 / -1; }
figure .plot { height: 340px; }
figcaption { font-size: .88rem; color: var(--soft); padding: .2rem .3rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: lining-nums tabular-nums; margin-top: .8rem; }
th, td { padding: .55rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: .2rem; }
thead th { font-weight: 500; font-size: .85rem; color: var(--soft); vertical-align: bottom; }
tbody th { font-weight: 500; white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
thead th { white-space: normal; }
td small, th small { color: var(--soft); font-weight: 400; }
tr.student td, tr.student th, td.student { font-weight: 650; }
tr.student { background: var(--wash); }
td.student { background: var(--wash); }
.dot { display: inline-block; width: .62rem; height: .62rem; border-radius: 50%; margin-right: .55rem; }
.dot.teacher { background: var(--teacher); } .dot.student { background: var(--student); }
.dot.start { background: var(--start); } .dot.constant { background: var(--constant); }
.examples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.example { padding: 1.1rem 1.25rem 1rem; min-width: 0; }
.example .kind { font-size: .78rem; color: var(--soft); margin: 0 0 .35rem; }
.example .prompt { font-family: var(--serif); font-size: 1.05rem; line-height: 1.45; margin: 0 0 .8rem; }
.example .prompt, .example dd { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
.example .long { max-height: 15rem; overflow-y: auto; scrollbar-width: thin; }
.example dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 0; margin: 0; font-size: .95rem; }
.example dt { color: var(--soft); white-space: nowrap; padding-right: 1rem; }
.example dd { margin: 0; }
.example dd .right { color: var(--start); font-weight: 700; margin-left: .4rem; }
.example dd .nothing { color: var(--soft); font-style: italic; }
.example .reference { border-bottom: 1px solid var(--line); padding-bottom: .5rem; margin-bottom: .15rem; }
dl.config {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0 2.5rem; margin: .8rem 0 0;
}
dl.config div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .35rem 0; }
dl.config dt { color: var(--soft); flex: none; max-width: 60%; overflow-wrap: anywhere; }
dl.config dd { margin: 0; font: .88rem/1.6 var(--mono); text-align: right; overflow-wrap: anywhere; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
.js-plotly-plot .hoverlayer text { font-variant-numeric: tabular-nums; }
@media (max-width: 46rem) {
  th, td { padding: .5rem .4rem; font-size: .92rem; white-space: normal; }
  tbody th { min-width: 0; }
  table.stacked, table.stacked tbody, table.stacked th, table.stacked td { display: block; width: auto; }
  table.stacked thead { display: none; }
  table.stacked tr {
    display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0 1.6rem;
    border-bottom: 1px solid var(--line); padding: .7rem 0;
  }
  table.stacked tbody th { grid-column: 1 / -1; }
  table.stacked th, table.stacked td { border: 0; padding: .12rem .2rem; text-align: start; }
  table.stacked th { font-weight: 650; }
  table.stacked td { display: flex; justify-content: space-between; gap: 1rem; text-align: end; overflow-wrap: anywhere; }
  table.stacked td::before { content: attr(data-label); color: var(--soft); font-weight: 400; text-align: start; overflow-wrap: normal; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --wash: #f2f2f2; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  h2, p.note { break-after: avoid; }
  .cards { grid-template-columns: repeat(3, 1fr); }
  .examples { grid-template-columns: repeat(2, 1fr); }
  .card .value { font-size: 2.1rem; }
  .card, figure, .example, tr { break-inside: avoid; }
  .modebar { display: none !important; }
  .example .long { max-height: none; overflow: visible; }
}
`;

/**
 * The function `draw` of the page: draws every figure and follows the reader's choice of light or dark. It expects `Plotly`,
 * and the specifications as JSON in the element `figures`.
 */
export const reportScript = `
const draw = () => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const [ink, grid, card] = ["--plot-ink", "--plot-grid", "--card"].map((name) => style.getPropertyValue(name).trim());
    const axes = ["xaxis", "yaxis"].flatMap((axis) => [[axis + ".gridcolor", grid], [axis + ".linecolor", grid]]);
    return { "font.color": ink, "hoverlabel.bgcolor": card, "hoverlabel.font.color": ink, ...Object.fromEntries(axes) };
  };
  const buttons = [["toImage", "resetScale2d"]];
  const settings = { responsive: true, displaylogo: false, displayModeBar: "hover", modeBarButtons: buttons };
  for (const [id, { data, layout }] of Object.entries(figures)) {
    Plotly.newPlot(id, data, layout, settings).then(() => Plotly.relayout(id, look()));
  }
  const again = () => Object.keys(figures).forEach((id) => Plotly.relayout(id, look()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
};
`;
