/**
 * A next-token distribution of teacher, student and assistants, token by token.
 *
 * @module
 */
import { shortNumbers, signedNumber, visibleToken } from "./number_text.ts";
import { sequenceColors } from "./sequence_colors.ts";
import { palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** Options for {@linkcode nextTokenFigure}. */
export interface NextTokenFigureOptions {
  /** The tokens, as texts. */
  tokens: readonly string[];
  /** `p` of each. */
  teacher: readonly number[];
  /** `q` of each. */
  student: readonly number[];
  /** Assistants over the same tokens. */
  assistants: readonly { alpha: number; probs: readonly number[] }[];
  /**
   * The tokens that are drawn: those with the largest p or q.
   *
   * @default {14}
   */
  count?: number;
}

const symbols = ["triangle-left", "square", "circle", "diamond", "triangle-right"];

/**
 * Draws the most probable tokens of teacher or student, on a logarithmic axis.
 *
 * @param options The distributions.
 * @returns The specification.
 * @throws {RangeError} If there is no token.
 */
export function nextTokenFigure(options: NextTokenFigureOptions): PlotSpecification {
  const { tokens, teacher, student, assistants, count = 14 } = options;
  if (tokens.length === 0) throw new RangeError("Cannot draw tokens: there must be one, current number is 0");
  const order = tokens.map((_, i) => i).sort((a, b) =>
    Math.max(teacher[b], student[b]) - Math.max(teacher[a], student[a])
  );
  const shown = order.slice(0, count).sort((a, b) => teacher[a] / student[a] - teacher[b] / student[b]);
  const y = shown.map((i) => visibleToken(tokens[i]));
  const least = Math.min(...shown.flatMap((i) => [teacher[i], student[i]]));
  const marks = (name: string, probs: readonly number[], marker: ScatterTrace["marker"]): ScatterTrace => ({
    type: "scatter",
    mode: "markers",
    name,
    x: shortNumbers(shown.map((i) => probs[i])),
    y,
    marker,
    hovertemplate: "%{x:.2e}",
  });
  const colors = sequenceColors(assistants.length);
  const data = [
    ...assistants.map(({ alpha, probs }, k) =>
      marks(`<i>r</i>, <i>α</i> = ${signedNumber(alpha)}`, probs, {
        color: palette.assistant,
        size: 9,
        symbol: `${symbols[k % symbols.length]}-open`,
        line: { color: colors[k], width: 2 },
      })
    ),
    marks("teacher <i>p</i>", teacher, {
      color: palette.teacher,
      size: 11,
      symbol: "line-ns-open",
      line: { width: 4, color: palette.teacher },
    }),
    marks("student <i>q</i>", student, {
      color: palette.student,
      size: 11,
      symbol: "line-ns-open",
      line: { width: 4, color: palette.student },
    }),
  ];
  const range: [number, number] = [Math.max(-9, Math.log10(least) - 0.2), 0.05];
  return {
    data,
    layout: {
      ...sharedLayout(
        {
          title: { text: "probability of the next token" },
          type: "log",
          exponentformat: "power",
          dtick: 1,
          range,
          showgrid: true,
        },
        { title: { text: "token, by <i>p</i>/<i>q</i>" }, type: "category" },
      ),
      hovermode: "y unified",
      height: 90 + 26 * shown.length,
    },
  };
}
