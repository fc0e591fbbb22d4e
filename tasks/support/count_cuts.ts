/**
 * What rows lose to their longest length, said and not passed over.
 *
 * @module
 */
import { corpusRows, type CorpusText } from "../../lib/datasets/corpus.ts";
import type { Row } from "../../lib/datasets/row.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";

/**
 * Turns texts into rows, and says how many were cut.
 *
 * @param texts The texts.
 * @param tokenizer The tokenizer.
 * @param say Takes the line; it is not called where nothing was cut.
 */
export function rowsWithCuts(
  texts: readonly CorpusText[],
  tokenizer: Tokenizer,
  say: (line: string) => void = console.error,
): Row[] {
  const cut = { prompt: 0, response: 0 };
  const rows = corpusRows(texts, tokenizer, { onCut: (part) => cut[part] += 1 });
  if (cut.prompt + cut.response > 0) {
    say(
      `of ${texts.length} rows, ${cut.prompt} prompts are cut to 256 tokens, ${cut.response} responses so that the row ` +
        `has 512; "deno task data" can leave them out`,
    );
  }
  return rows;
}
