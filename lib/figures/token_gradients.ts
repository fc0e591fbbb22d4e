/**
 * Which tokens the student learns from: the gradient on each token's logit, by order.
 *
 * @module
 */
import type { LogPair } from "../analysis/assistant_float64.ts";
import { klGradient } from "../analysis/kl_gradient.ts";
import type { Order } from "../objectives/composition.ts";
import { shortNumbers, visibleToken } from "./number_text.ts";
import { signedScale } from "./sequence_colors.ts";
import { smallMultiples } from "./small_multiples.ts";
import { type HeatmapTrace, palette, type PlotSpecification } from "./specification.ts";

/** Options for {@linkcode tokenGradientsFigure}. */
export interface TokenGradientsFigureOptions extends LogPair {
  /** The tokens, as texts. */
  tokens: readonly string[];
  /** Orders of the divergence, a panel each. */
  orders: readonly Order[];
  /** Orders of the mixture, the columns. */
  alphas: readonly number[];
  /** The weight of the teacher. */
  lambda: number;
  /**
   * The tokens that are drawn: those with the largest p or q.
   *
   * @default {16}
   */
  count?: number;
}

/**
 * Draws `−∂D/∂z_k`, the change of each logit in a step, as a share of the largest one in its column: upwards orange,
 * downwards blue. Tokens are sorted by p/q.
 *
 * @param options The distributions and the orders.
 * @returns The specification.
 * @throws {RangeError} If there is no token or no order.
 */
export function tokenGradientsFigure(options: TokenGradientsFigureOptions): PlotSpecification {
  const { tokens, teacher, student, orders, alphas, lambda, count = 16 } = options;
  if (tokens.length === 0) throw new RangeError("Cannot draw gradients: there must be a token, current number is 0");
  const most = (i: number) => Math.max(teacher[i], student[i]);
  const liked = tokens.map((_, i) => i).sort((a, b) => most(b) - most(a)).slice(0, count);
  const shown = liked.sort((a, b) => teacher[a] - student[a] - teacher[b] + student[b]);
  const { layout, panels } = smallMultiples({
    titles: orders.map((order) => `<i>D</i>(<i>${order[0]}</i>‖<i>${order[1]}</i>)`),
    columns: orders.length,
    rowHeight: 24 * shown.length,
    gap: 0.08,
    left: 160,
    x: { title: { text: "order <i>α</i>" }, nticks: 7 },
    y: { title: { text: "token, by <i>p</i>/<i>q</i>" }, type: "category", showgrid: false },
  });
  const data = orders.map((order, panel): HeatmapTrace => {
    const columns = alphas.map((alpha) => {
      const { gradient } = klGradient({ teacher, student }, { order, alpha, lambda });
      const largest = Math.max(...shown.map((i) => Math.abs(gradient[i])), 1e-12);
      return shown.map((i) => -gradient[i] / largest);
    });
    return {
      type: "heatmap",
      name: "push",
      x: shortNumbers(alphas),
      y: shown.map((i) => visibleToken(tokens[i])),
      ...panels[panel],
      z: shown.map((_, row) => shortNumbers(columns.map((column) => column[row]))),
      zmin: -1,
      zmax: 1,
      colorscale: signedScale,
      showscale: panel === 0,
      colorbar: {
        title: { text: "−∂<i>D</i>/∂<i>z<sub>k</sub></i>" },
        thickness: 12,
        outlinewidth: 0,
        tickfont: { color: palette.ink },
      },
      hovertemplate: "%{y}<br>α = %{x:.1f}<br>%{z:.3f} of the largest<extra></extra>",
    };
  });
  return { data, layout: { ...layout, hovermode: "closest", margin: { l: 160, r: 90, t: 40, b: 54 } } };
}
