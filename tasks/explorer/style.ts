/**
 * The look of the explorer.
 *
 * @module
 */
import { palette } from "../../lib/figures/specification.ts";

/** The style sheet: light and dark by the reader's choice, one column on small screens with the sliders kept in reach. */
export const explorerStyle = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #5d656f; --line: #e4e1d9; --wash: #f4f1ea;
  --teacher: ${palette.teacher}; --student: ${palette.student}; --assistant: #a3437a; --plain: #5d656f;
  --focus: #0072b2;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --card: #1b1e24; --ink: #e6e4df; --soft: #9aa1ab; --line: #2f343c; --wash: #20242b;
    --teacher: #4ea3dc; --student: #f0803c; --assistant: ${palette.assistant}; --plain: #9aa1ab; --focus: #7cc0ee;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 var(--sans);
  padding: clamp(1rem, 3vw, 2.2rem) clamp(.8rem, 3vw, 2.4rem) 1rem;
}
header, main, footer { max-width: 1240px; margin: 0 auto; }
h1 { font: 600 clamp(1.6rem, 4vw, 2.3rem)/1.15 var(--serif); margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font: 600 1rem/1.3 var(--sans); margin: 0; }
header p { color: var(--soft); margin: 0 0 1.3rem; max-width: 78ch; }
sup { line-height: 0; font-size: .75em; }
.nowrap { white-space: nowrap; }
i.p, .key.p::before { color: var(--teacher); } i.q, .key.q::before { color: var(--student); }
i.r, .key.r::before, .key.w::before, .key.g::before { color: var(--assistant); } .key.f::before { color: var(--plain); }
main { display: grid; grid-template-columns: 21rem minmax(0, 1fr); gap: 1.4rem; align-items: start; }
.controls { display: grid; gap: 1rem; position: sticky; top: 1rem; }
.knobs { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1rem 1.1rem; }
.slider { display: grid; grid-template-columns: 1fr 5.4rem; align-items: center; gap: .1rem .6rem; }
.slider input[type="range"] { grid-column: 1 / -1; }
input[type="range"] { width: 100%; height: 1.75rem; margin: 0; accent-color: var(--assistant); cursor: pointer; }
input[type="text"] {
  font: 600 1.05rem/1.3 var(--sans); font-variant-numeric: tabular-nums; text-align: right; color: var(--ink);
  background: var(--wash); border: 1px solid var(--line); border-radius: 7px; padding: .2rem .5rem; width: 100%;
}
input[aria-invalid="true"] { border-color: var(--student); outline-color: var(--student); }
.ticks { position: relative; height: 3.5rem; margin: 0 8px .5rem; }
.ticks button {
  position: absolute; left: calc(var(--at) * 100%); transform: translateX(calc(-1 * var(--shift, 50%))); top: 0; white-space: nowrap;
  font: .78rem/1 var(--sans); color: var(--soft); background: none; border: 0; padding: .55rem .25rem .35rem;
  cursor: pointer; border-radius: 5px;
}
.ticks button:nth-child(1) { --shift: 80%; } .ticks button:nth-child(2) { top: 1.6rem; }
.ticks button::before {
  content: ""; position: absolute; left: var(--shift, 50%); bottom: calc(100% - .5rem); width: 1px; height: .5rem;
  background: var(--soft);
}
.ticks button:nth-child(2)::before { height: 2.1rem; }
.ticks button:hover, .ticks button[aria-pressed="true"] { color: var(--ink); }
.ticks button[aria-pressed="true"] { font-weight: 650; }
.field { display: grid; gap: .15rem; font-size: .88rem; color: var(--soft); }
select {
  font: 1rem/1.3 var(--sans); color: var(--ink); background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: .45rem .5rem; width: 100%;
}
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { font-size: .88rem; color: var(--soft); padding: 0; margin-bottom: .2rem; }
.orders { display: grid; grid-template-columns: repeat(6, 1fr); gap: 0; }
.orders legend { grid-column: 1 / -1; }
.orders input { position: absolute; opacity: 0; width: 0; height: 0; }
.orders span {
  display: block; text-align: center; padding: .4rem 0; cursor: pointer; background: var(--card);
  border: 1px solid var(--line); margin-left: -1px; font-style: italic;
}
.orders label:first-of-type span { border-radius: 8px 0 0 8px; }
.orders label:last-of-type span { border-radius: 0 8px 8px 0; }
.orders input:checked + span { background: var(--assistant); border-color: var(--assistant); color: var(--card); font-weight: 650; }
.check { display: inline-flex; gap: .45rem; align-items: center; font-size: .9rem; color: var(--soft); }
.check input { width: 1rem; height: 1rem; accent-color: var(--assistant); margin: 0; }
.check:has(input:disabled) { opacity: .5; }
.methods { display: flex; flex-wrap: wrap; gap: .4rem; }
.methods button {
  font: .88rem/1.2 var(--sans); color: var(--ink); background: var(--wash); border: 1px solid var(--line);
  border-radius: 99px; padding: .4rem .75rem; cursor: pointer;
}
.methods button:hover { border-color: var(--soft); }
:is(input, select, button, summary, textarea):focus-visible, .orders input:focus-visible + span {
  outline: 2px solid var(--focus); outline-offset: 2px;
}
.numbers { margin: 0; font-variant-numeric: tabular-nums; }
.numbers div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .22rem 0; }
.numbers dt { color: var(--soft); font-size: .9rem; }
.numbers dd { margin: 0; font-weight: 600; }
.panels { display: grid; gap: 1rem; min-width: 0; }
figure { background: var(--card); border: 1px solid var(--line); border-radius: 14px; margin: 0; padding: .8rem .9rem .5rem; }
figcaption { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; align-items: baseline; margin-bottom: .3rem; }
figcaption p { margin: 0; color: var(--soft); font-size: .9rem; display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
.key::before { content: "━ "; font-weight: 900; } .key.f::before, .key.q::before { content: "╌ "; }
canvas { display: block; width: 100%; height: 170px; touch-action: pan-y; cursor: crosshair; font-family: var(--sans); }
#distributions { height: 240px; }
.tokens #distributions { height: 300px; } .tokens #weights, .tokens #gradients { height: 225px; }
.point { display: grid; grid-template-columns: auto 1fr; gap: .2rem .8rem; align-items: center; color: var(--soft); font-size: .9rem; }
.point .numbers { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(6, 1fr); gap: 0 1.4rem; color: var(--ink); }
.point .numbers div { display: block; }
summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
textarea {
  width: 100%; margin-top: .5rem; font: .8rem/1.5 ui-monospace, Menlo, Consolas, monospace; color: var(--ink);
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .6rem;
}
footer { color: var(--soft); font-size: .82rem; margin-top: 1rem; display: flex; gap: .2rem 2rem; flex-wrap: wrap; justify-content: space-between; }
footer p { margin: 0; }
@media (max-width: 56rem) {
  main { grid-template-columns: minmax(0, 1fr); }
  .controls { display: contents; }
  .knobs { position: sticky; top: 0; z-index: 1; padding: .6rem .9rem .3rem; box-shadow: 0 6px 14px rgb(0 0 0 / .12); }
  .panels { order: 1; } .controls > :not(.knobs) { order: 2; }
  canvas { height: 130px; } #distributions { height: 170px; }
  .point .numbers { grid-template-columns: repeat(3, 1fr); }
}
`;
