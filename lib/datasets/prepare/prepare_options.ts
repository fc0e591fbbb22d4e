/**
 * What is prepared, and how.
 *
 * @module
 */
import type { Communicator } from "../../distributed/communicator.ts";
import type { LockHolder } from "../../files/file_lock.ts";
import type { PromptStyle } from "../../text/render_prompt.ts";
import type { InstructionFields } from "../instruction_row.ts";
import type { LengthRules } from "../make_row.ts";
import type { SplitName } from "./manifest.ts";
import type { SplitOptions } from "./split_rows.ts";
import type { NamedTokenizerTexts } from "./tokenize_pool.ts";

/** How the rows of instruction files are prepared. */
export interface InstructionPlan extends SplitOptions, LengthRules {
  /** Instructions with responses. */
  kind: "instructions";
  /** The form of the prompts. */
  style: PromptStyle;
  /** The files' keys for the parts of a row. */
  fields: InstructionFields;
}

/** How plain text is prepared. */
export interface TextPlan {
  /** Windows of plain text. */
  kind: "text";
  /** Tokens per window. */
  window: number;
  /** Tokens in all, at most. */
  tokens: number;
  /** Windows held out for validation, the first ones. */
  validRows: number;
}

/** Options for {@linkcode prepareData}. */
export interface PrepareDataOptions {
  /** The data set's name. */
  name: string;
  /** The folder to create. */
  output: string;
  /**
   * Files by split. A file only for `train` is split; a file only for `test` is used whole for testing.
   */
  inputs: Partial<Record<SplitName, string>>;
  /** How they are prepared. */
  plan: InstructionPlan | TextPlan;
  /** The tokenizer's files. */
  tokenizer: NamedTokenizerTexts;
  /** The number of workers; 0 uses this thread. The result does not depend on it. */
  workers: number;
  /**
   * The ranks that share the work; the first one writes.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
  /** Receives how many rows, or tokens of text, are done, and the total. */
  onProgress?: (done: number, total: number) => void;
  /** Called when waiting for another process that is preparing the folder, with that process if known. */
  onWait?: (holder?: LockHolder) => void;
  /** Cancels the work; nothing of it remains. */
  signal?: AbortSignal;
}
