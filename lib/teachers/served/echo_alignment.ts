/**
 * Where the tokens of a row stand in the lists of a server that echoes a text's tokens.
 *
 * @module
 */
import type { TokenTexts } from "./token_texts.ts";

/** What a server echoes, and of which row. */
export interface Echo {
  /** The token ids of the row. */
  ids: readonly number[];
  /** What the server calls its tokens, in its order. */
  names: readonly string[];
  /** The texts of the vocabulary. */
  texts: TokenTexts;
  /** Whether the server is that of llama-cpp-python. */
  isLlamaCppPython: boolean;
}

/** An order of the row's tokens in the lists. */
interface Layout {
  /** The tokens that the lists have, by their index in the row. */
  listed: number[];
  /** Whether the token that the server generates stands behind them. */
  withGenerated: boolean;
}

/**
 * Finds for each token of a row where it stands in a server's lists.
 *
 * Lists have all tokens of a row, and mostly the one that was generated. Those of llama-cpp-python leave out every token
 * that is the model's beginning of a text. If a row does not begin with that token, it pairs each token with the
 * distribution behind it (seen in 0.3.36), so that its answer is useless.
 *
 * @returns For each token its index in the lists, −1 for one that is left out; or why there is none.
 */
export function echoAlignment(echo: Echo): { places: Int32Array } | { reason: string } {
  const { ids, names, isLlamaCppPython } = echo;
  const all = ids.map((_, at) => at);
  const layouts: Layout[] = [{ listed: all, withGenerated: true }];
  if (isLlamaCppPython) {
    const listed = all.filter((at) => ids[at] !== ids[0]);
    layouts.push({ listed, withGenerated: true }, { listed, withGenerated: false });
  } else {
    layouts.push({ listed: all, withGenerated: false });
  }
  const fitting = layouts.filter(({ listed, withGenerated }) => names.length === listed.length + Number(withGenerated));
  for (const layout of fitting) if (strangerIn(layout, echo) < 0) return { places: placesOf(layout, ids.length) };
  if (isLlamaCppPython && (names.length === ids.length || names.length === ids.length + 1)) {
    return {
      reason:
        "its first token must be the one that begins a text for the model, because the server, llama-cpp-python's, " +
        "pairs the tokens of other rows with wrong numbers; use rows in a chat template that begins with it, or another " +
        "server",
    };
  }
  if (fitting.length === 0) {
    return { reason: `it has ${ids.length} tokens, the server answers for ${names.length}` };
  }
  const at = strangerIn(fitting[0], echo);
  const place = fitting[0].listed.indexOf(at);
  return {
    reason: `its token ${at} is ${JSON.stringify(echo.texts.textOf(ids[at]))}, the server's ` +
      `${JSON.stringify(names[place])}: it takes texts, and makes other tokens of this one`,
  };
}

/** The first token of the row whose name is another's, or −1. */
function strangerIn({ listed }: Layout, { ids, names, texts }: Echo): number {
  return listed.find((at, place) => !texts.isAlike(names[place], ids[at])) ?? -1;
}

function placesOf({ listed }: Layout, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  listed.forEach((at, place) => places[at] = place);
  return places;
}
