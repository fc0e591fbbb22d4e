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
import type { JsonVisitor } from "./json_stream.ts";
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
}

/**
 * Makes the protocol.
 *
 * @param context What texts stand for.
 */
export function openai({ texts, lead }: OpenAiContext): Protocol {
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
          // The token that was generated may stand behind the row's.
          if (own.length !== ids.length + 1) builder.checkCount(0, own.length);
          for (let at = promptLength; at < ids.length; at += 1) {
            if (!texts.isAlike(names[at], ids[at])) {
              throw builder.fault(
                `token ${at} of the row is ${JSON.stringify(texts.textOf(ids[at]))}, the server's ` +
                  `${JSON.stringify(names[at])}: it takes texts, and makes other tokens of this one`,
              );
            }
            builder.fill(0, at, { ...best[at], own: own[at] });
          }
          return builder.finish();
        },
      };
    },
  };
}
