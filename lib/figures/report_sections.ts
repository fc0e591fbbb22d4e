/**
 * The parts of the report page: headline numbers, tables, answers, configuration.
 *
 * @module
 */
import { exactMatch } from "../evaluation/exact_match.ts";
import { escapeHtml } from "../html/html.ts";
import { kindsToCompare, kindTitle } from "./kind_scores.ts";
import { lossText } from "./number_text.ts";
import { type AnswerScores, runGains, type RunResult, type TeacherStorage } from "./run_result.ts";
import { alignmentLine, type Headline, runHeadlines, teacherWarnings, unfinishedNotes } from "./run_words.ts";

/** A held-out prompt and what the models answered. */
export interface ReportExample {
  /** The prompt, as text. */
  prompt: string;
  /** The kind of row it is. */
  kind?: string;
  /** The answers that are right. */
  references: string[];
  /** The teacher's answer, if it has one. */
  teacher?: string;
  /** The answer of the student before the run. */
  start: string;
  /** The answer of the student after it. */
  student: string;
}

const models = ["teacher", "start", "student"] as const;
const titles = { teacher: "teacher", start: "start", student: "student", constant: "constant answer" };

const dot = (name: keyof typeof titles): string => `<span class="dot ${name}"></span>`;

function card(name: string, value: string, detail: string): string {
  return `<div class="card"><div class="name">${name}</div><div class="value">${value}</div>${detail}</div>`;
}

/** A bar of coloured parts, their widths as shares of the whole. */
function scale(parts: readonly [name: keyof typeof titles, share: number][]): string {
  const width = (share: number) => `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%`;
  const spans = parts.map(([name, share]) => `<span class="${name}" style="width: ${width(share)}"></span>`);
  return `<div class="scale" aria-hidden="true">${spans.join("")}</div>`;
}

/** Three cards: how the gap, ROUGE-L against the start, and ROUGE-L against constant answers changed. */
export function headlineCards(result: RunResult): string {
  const { teacher, student, constant } = result;
  const { gapClosed, rougeLGained, aboveConstant } = runGains(result);
  const headlines = runHeadlines(result);
  const loss = (name: "teacher" | "start" | "student") => `${name}&nbsp;${lossText(result[name].validLoss, 3)}`;
  const losses = `validation loss: ${loss("start")} → ${loss("student")} → ${loss("teacher")}`;
  const full = Math.max(teacher.rougeL ?? 0, student.rougeL, constant.rougeL, 1e-9);
  const rouge = (name: keyof typeof titles) => `${name}&nbsp;${result[name].rougeL!.toFixed(1)}`;
  const ofTeacher = teacher.rougeL === undefined ? "" : `, ${rouge("teacher")}`;
  const gained = (base: "start" | "constant", points: number) =>
    scale([[base, result[base].rougeL / full], ["student", points / full]]) +
    `<div class="detail">${rouge(base)} → ${rouge("student")}${ofTeacher}</div>`;
  const headed = ({ name, value, unit }: Headline, detail: string) =>
    card(name, unit ? `${value}<small>${unit}</small>` : value, detail);
  const gap = `${scale([["student", gapClosed ?? 0]])}<div class="detail">${losses}</div>`;
  return `<section class="cards" aria-label="Headline numbers">
${headed(headlines.gap, gap)}
${headed(headlines.gained, gained("start", rougeLGained))}
${headed(headlines.constant, gained("constant", aboveConstant))}
</section>`;
}

/** Warnings of the teacher, what its storage loses, and requests tried again, how many answers have no end; empty if there is nothing to report. */
export function scoreNotes(result: RunResult): string {
  const aligned = result.teacherMeasures?.alignedTokens !== undefined ? [alignmentLine(result.teacherMeasures)] : [];
  const retried = result.teacherRetries ? [`requests to the teacher were tried again: ${result.teacherRetries}`] : [];
  const notes = [
    ...teacherWarnings(result),
    ...aligned,
    ...storageNotes(result),
    ...retried,
    ...unfinishedNotes(result),
  ];
  if (notes.length === 0) return "";
  const sentences = notes.map((note) => `<li>${escapeHtml(note[0].toUpperCase() + note.slice(1))}.</li>`);
  return `<ul class="note">${sentences.join("\n")}</ul>`;
}

/** What the teacher's storage in few bits loses, where that was measured. */
function storageNotes({ teacherStorage }: RunResult): string[] {
  const all: readonly TeacherStorage[] = teacherStorage === undefined ? [] : [teacherStorage].flat();
  return all.flatMap(({ teacher = "", precision, divergence, positions }) => {
    if (divergence === undefined || precision === "stored") return [];
    return [
      `the teacher ${teacher}${teacher && " "}was held in ${precision}: the divergence of the full one's next tokens ` +
      `from its is ${divergence.toPrecision(2)} nats per token, on ${positions} tokens of the run`,
    ];
  });
}

/** Teacher, start, student and constant answer × validation loss, ROUGE-L, exact match. */
export function scoresTable(result: RunResult): string {
  const points = (value: number | undefined) => value === undefined ? "–" : value.toFixed(1);
  const row = (name: keyof typeof titles, scores: Partial<AnswerScores> & { validLoss?: number }) =>
    `<tr class="${name}"><th scope="row">${dot(name)}${titles[name]}</th><td>${
      scores.validLoss === undefined ? "–" : lossText(scores.validLoss, 4)
    }</td>` +
    `<td>${points(scores.rougeL)}</td><td>${points(scores.exactMatch)}</td></tr>`;
  return `<div class="scroll"><table>
<thead><tr><th scope="col"></th><th scope="col">validation loss<br><small>nats per token</small></th>
<th scope="col">ROUGE-L<br><small>points</small></th><th scope="col">exact match<br><small>%</small></th></tr></thead>
<tbody>${models.map((name) => row(name, result[name])).join("\n")}
${row("constant", result.constant)}</tbody></table></div>`;
}

/** ROUGE-L and exact match of each model on each kind of row. */
export function kindsTable(result: RunResult): string {
  const kinds = kindsToCompare(result);
  const columns = [...models, "constant"] as const;
  const cell = (name: keyof typeof titles, kind: string) => {
    const scores = result[name].kinds?.[kind];
    const text = scores ? `${scores.rougeL.toFixed(1)} <small>/ ${scores.exactMatch.toFixed(1)}</small>` : "–";
    return `<td class="${name}" data-label="${titles[name]}"><span>${text}</span></td>`;
  };
  const rows = kinds.map((kind) =>
    `<tr><th scope="row" dir="auto">${escapeHtml(kindTitle(kind))}</th><td data-label="rows">${
      (result.teacher.kinds ?? result.student.kinds)[kind].count
    }</td>` +
    `${columns.map((name) => cell(name, kind)).join("")}</tr>`
  );
  const heads = columns.map((name) => `<th scope="col">${dot(name)}${titles[name]}</th>`);
  return `<div class="scroll"><table class="stacked">
<thead><tr><th scope="col">kind of row</th><th scope="col">rows</th>${heads.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function answer(text: string, references: string[]): string {
  if (text.trim() === "") return '<span class="nothing">no answer</span>';
  const right = exactMatch(text, references);
  return escapeHtml(text) + (right ? '<span class="right" role="img" aria-label="right">✓</span>' : "");
}

/** An element of markup; where its text is long, its height is bounded, and a keyboard can scroll in it. */
function scrolled(tag: "p" | "dd", text: string, markup: string, name = ""): string {
  const long = text.length > 700 || text.split("\n").length > 12;
  const names = [...name ? [name] : [], ...long ? ["long"] : []].join(" ");
  return `<${tag} dir="auto"${names ? ` class="${names}"` : ""}${long ? ' tabindex="0"' : ""}>${markup}</${tag}>`;
}

/** A card for each held-out prompt with the reference and the three answers; an exact match is ticked. */
export function exampleCards(examples: readonly ReportExample[]): string {
  const cards = examples.map(({ prompt, kind, references, ...answers }) => {
    const given = (["teacher", "student", "start"] as const).flatMap((name) => {
      const text = answers[name];
      if (text === undefined) return [];
      return [`<dt>${dot(name)}${titles[name]}</dt>${scrolled("dd", text, answer(text, references))}`];
    });
    const expected = references.map(escapeHtml).join(" · ");
    return `<article class="example">${kind ? `<p class="kind" dir="auto">${escapeHtml(kind)}</p>` : ""}
${scrolled("p", prompt, escapeHtml(prompt), "prompt")}
<dl><dt class="reference">reference</dt>${scrolled("dd", expected, expected, "reference")}${
      given.join("\n")
    }</dl></article>`;
  });
  return `<div class="examples">${cards.join("\n")}</div>`;
}

/** Every setting with its value. */
export function configList(config: Readonly<Record<string, unknown>>): string {
  const shown = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value) ?? "–";
  const text = (value: unknown) => typeof value === "number" ? String(value) : shown(value);
  const rows = Object.entries(config).map(([key, value]) =>
    `<div><dt>${escapeHtml(key)}</dt><dd dir="auto">${escapeHtml(text(value))}</dd></div>`
  );
  return `<dl class="config">${rows.join("\n")}</dl>`;
}
