/**
 * A sparse answer that is put together place by place, as it arrives.
 *
 * Shapes: `c` response tokens of all rows, `k` best tokens for each.
 *
 * @module
 */
import { checkSparseAnswer } from "../../distributions/check_sparse_answer.ts";
import { logRest, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { TeacherError } from "../teacher_error.ts";
import type { AskedRow, Asking } from "./asked_row.ts";

/** What a server names at one place. */
export interface NamedPlace {
  /** The tokens, the k best at least. */
  ids: readonly number[];
  /** Their log-probabilities. */
  logProbs: readonly number[];
  /** The log-probability of the row's own token. */
  own: number;
}

/** Collects the answer to one request. */
export class AnswerBuilder {
  readonly #firsts: number[] = [];
  readonly #labels: Int32Array;
  readonly #ids: Int32Array;
  readonly #logProbs: Float32Array;
  readonly #own: Float32Array;
  #filled = 0;

  /**
   * Makes an empty answer.
   *
   * @param rows The rows.
   * @param asking What was asked.
   */
  constructor(readonly rows: readonly AskedRow[], readonly asking: Asking) {
    let count = 0;
    for (const { ids, promptLength } of rows) {
      this.#firsts.push(count);
      count += ids.length - promptLength;
    }
    this.#labels = Int32Array.from(rows.flatMap(({ ids, promptLength }) => ids.slice(promptLength)));
    this.#ids = new Int32Array(count * asking.topK);
    this.#logProbs = new Float32Array(count * asking.topK);
    this.#own = new Float32Array(count);
  }

  /** Whether a distribution is wanted where this token of a row is predicted. */
  wants(row: number, token: number): boolean {
    return token >= this.#row(row).promptLength;
  }

  /**
   * Checks that the server found as many tokens in a row as it has.
   *
   * @throws {TeacherError} If it did not.
   */
  checkCount(row: number, count: number): void {
    const { length } = this.#row(row).ids;
    if (count === length) return;
    throw this.fault(`row ${row} of the request has ${length} tokens, the server answers for ${count}`);
  }

  /**
   * Fills a place: the k best of the tokens that are named, the row's own among them or not.
   *
   * @throws {TeacherError} If there are fewer than k, or a number is NaN.
   */
  fill(row: number, token: number, { ids, logProbs, own }: NamedPlace): void {
    const { topK } = this.asking;
    const place = this.#firsts[row] + token - this.#row(row).promptLength;
    const refuse = (reason: string) => this.fault(`in ${this.#placeOf(row, token)}, ${reason}`);
    const bad = logProbs.findIndex((logProb) => !(logProb <= LARGEST));
    if (bad >= 0) throw refuse(`the log-probability of token ${ids[bad]} is ${logProbs[bad]}`);
    if (!(own <= LARGEST)) throw refuse(`the log-probability of the row's own token is ${own}`);
    if (ids.length < topK) {
      throw refuse(
        `the server names ${ids.length} tokens where ${topK} were asked for; ask for fewer, or lift its limit`,
      );
    }
    const order = ids.length === topK ? undefined : bestOf(logProbs, topK);
    for (let rank = 0; rank < topK; rank += 1) {
      const index = order?.[rank] ?? rank;
      this.#ids[place * topK + rank] = ids[index];
      this.#logProbs[place * topK + rank] = Math.min(logProbs[index], 0);
    }
    this.#own[place] = Math.min(own, 0);
    this.#filled += 1;
  }

  /**
   * Ends the answer.
   *
   * @throws {TeacherError} If places are missing, or it cannot be learned from.
   */
  finish(): SparseAnswer {
    const { server, topK, vocabularySize } = this.asking;
    const labels = this.#labels, count = labels.length;
    if (this.#filled !== count) throw this.fault(`it must answer for ${count} tokens, it does for ${this.#filled}`);
    const named = { ids: this.#ids, logProbs: this.#logProbs, own: this.#own };
    const stranger = named.ids.find((id) => !(id >= 0 && id < vocabularySize));
    if (stranger !== undefined) {
      throw this.fault(`the vocabulary has ${vocabularySize} tokens, the server names token ${stranger}`);
    }
    const answer = { ...named, rest: logRest(named, { labels, vocabularySize }) };
    const placeOf = (place: number) => {
      const row = this.#firsts.findLastIndex((first) => first <= place);
      return this.#placeOf(row, place - this.#firsts[row] + this.rows[row].promptLength);
    };
    try {
      checkSparseAnswer(answer, { labels, vocabularySize, topK, source: server, placeOf });
    } catch (cause) {
      throw new TeacherError((cause as Error).message, undefined, { cause });
    }
    return answer;
  }

  /** An error about what the server answers. */
  fault(reason: string): TeacherError {
    return new TeacherError(`Cannot learn from ${this.asking.server}: ${reason}`);
  }

  #row(row: number): AskedRow {
    const found = this.rows[row];
    if (found) return found;
    throw this.fault(`it was asked about ${this.rows.length} rows, it answers for another`);
  }

  #placeOf(row: number, token: number): string {
    return `row ${row} of the request, response token ${token - this.#row(row).promptLength}`;
  }
}

/** Rounding may lift the logarithm of a probability near 1 above 0 by as much. */
const LARGEST = 1e-2;

/** Where the k largest numbers are, the largest first. */
function bestOf(logProbs: readonly number[], k: number): number[] {
  return logProbs.map((_, index) => index).sort((a, b) => logProbs[b] - logProbs[a]).slice(0, k);
}
