/**
 * The student's sampled responses as text.
 *
 * @module
 */
import { isEnded } from "../models/generation/end_tokens.ts";
import type { RecordedEvent } from "./recorder.ts";

/** A prompt and the student's response to it. */
export interface Sample {
  prompt: string;
  /** The response without the token that ends it. */
  response: string;
  /** Whether it ended by itself; false where it was cut at the greatest length. */
  ended: boolean;
}

/** How samples become text. */
export interface SampleOptions {
  /** Turns tokens into text. */
  decode: (ids: number[]) => string;
  /** The tokens that end an answer. */
  endTokens: readonly number[];
}

/** The samples of an event of that type, decoded. */
export function decodedSamples(
  { samples }: RecordedEvent & { type: "sample" },
  { decode, endTokens }: SampleOptions,
): Sample[] {
  return samples.map(({ ids, promptLength }) => ({
    prompt: decode(ids.slice(0, promptLength)),
    response: decode(ids.slice(promptLength).filter((id) => !endTokens.includes(id))),
    ended: isEnded(ids.slice(promptLength), endTokens),
  }));
}

/** The line of `samples.jsonl` that an event becomes, for {@linkcode jsonLines}: `{ step, samples }`. */
export function sampleLine(options: SampleOptions): (
  event: RecordedEvent,
) => { step: number; samples: Sample[] } | undefined {
  return (event) => event.type === "sample" ? { step: event.step, samples: decodedSamples(event, options) } : undefined;
}
