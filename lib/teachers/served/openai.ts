/**
 * Servers with OpenAI's completions, `echo` and `logprobs`, such as that of llama-cpp-python: they take a text and name
 * tokens by their texts.
 *
 * A text that several tokens have, or none whole (the pieces of a character), names none of them. Such tokens are left to
 * the rest, and more than k are asked for, so that k are named all the same.
 *
 * @module
 */
import { AnswerBuilder } from "./answer_builder.ts";
import { echoAlignment } from "./echo_alignment.ts";
import type { JsonVisitor } from "./json_stream.ts";
import type { Asking } from "./asked_row.ts";
import type { Protocol } from "./protocol.ts";
import { TeacherError } from "../teacher_error.ts";
import type { TokenTexts } from "./token_texts.ts";

/** How many more tokens than k are asked for. */
const MORE = 16;

/** What the texts of tokens stand for, and what the server puts before every text. */
export interface OpenAiContext {
  /** The texts of all tokens. */
  texts: TokenTexts;
  /** The token that the server puts before a text, if it does. */
  lead?: number;
  /** Whether the server is that of llama-cpp-python, which leaves tokens out; see `echoAlignment`. */
  isLlamaCppPython: boolean;
}

/**
 * Makes the protocol.
 *
 * @param context What texts stand for.
 */
export function openai({ texts, lead, isLlamaCppPython }: OpenAiContext): Protocol {
  return {
    name: "openai",
    mostRows: 1,
    // The server generates a token, which must fit.
    reserved: 1,
    needsText: true,
    limitHint: () => "ask for fewer",
    request([{ ids, text }], { server, model, topK, vocabularySize }, { base }) {
      if (lead !== undefined && ids[0] !== lead) {
        throw new TeacherError(
          `Cannot learn from ${server}: it puts token ${lead} before every text, but a row begins with token ${
            ids[0]
          }; ` +
            "rows must begin as the server's texts do",
        );
      }
      const logprobs = Math.min(topK + MORE, vocabularySize);
      return {
        url: `${base}/completions`,
        body: { model, prompt: text, max_tokens: 1, temperature: 0, echo: true, logprobs },
      };
    },
    reader(rows, asking) {
      const builder = new AnswerBuilder(rows, asking);
      const [{ ids, promptLength }] = rows;
      const own: number[] = [], names: string[] = [];
      const best: { ids: number[]; logProbs: number[] }[] = [];
      let name = "";
      const named: JsonVisitor = {
        value(value) {
          const id = texts.idOf(name);
          if (id === undefined) return;
          best[best.length - 1].ids.push(id);
          best[best.length - 1].logProbs.push(typeof value === "number" ? value : NaN);
        },
      };
      const place: JsonVisitor = {
        key(text) {
          name = text;
          return named;
        },
      };
      const places: JsonVisitor = {
        item() {
          best.push({ ids: [], logProbs: [] });
          return place;
        },
      };
      const ownLogProb: JsonVisitor = { value: (value) => void own.push(typeof value === "number" ? value : NaN) };
      const ownText: JsonVisitor = { value: (value) => void names.push(String(value)) };
      const lists: Record<string, JsonVisitor> = {
        tokens: { item: () => ownText },
        token_logprobs: { item: () => ownLogProb },
        top_logprobs: places,
      };
      const logprobs: JsonVisitor = { key: (name) => lists[name] };
      const choice: JsonVisitor = { key: (name) => name === "logprobs" ? logprobs : undefined };
      const choices: JsonVisitor = { item: (index) => index === 0 ? choice : undefined };
      return {
        root: { key: (name) => name === "choices" ? choices : undefined },
        finish() {
          const found = echoAlignment({ ids, names, texts, isLlamaCppPython });
          if ("reason" in found) throw builder.fault(`row 0 of the request: ${found.reason}`);
          for (let at = promptLength; at < ids.length; at += 1) {
            const place = found.places[at];
            if (place < 0) {
              throw builder.fault(
                `row 0 of the request: the server leaves out token ${at}, ${
                  JSON.stringify(texts.textOf(ids[at]))
                }, which ` +
                  "begins texts, so that no response may have it",
              );
            }
            const named = best[place] ?? { ids: [], logProbs: [] };
            if (named.ids.length < asking.topK) {
              throw builder.fault(tooFew(named.ids.length, { at, ids, texts, asking }));
            }
            builder.fill(0, at, { ...named, own: own[place] });
          }
          return builder.finish();
        },
      };
    },
  };
}

/** Why a place cannot be learned from: so few tokens there have a text that is theirs alone. */
function tooFew(
  count: number,
  { at, ids, texts, asking: { topK } }: { at: number; ids: readonly number[]; texts: TokenTexts; asking: Asking },
): string {
  const text = JSON.stringify(texts.textOf(ids[at]));
  return `row 0 of the request: where token ${at}, ${text}, is predicted, ${count} of the tokens that the server names have ` +
    `a text of their own, ${topK} are needed, because pieces of characters have none; ask for fewer, leave out rows with ` +
    "characters of several tokens, or use a server that names tokens by their ids";
}
