/**
 * Patterns of `tokenizer.json`, and the parts of a text that match them.
 *
 * @module
 */
import { asOnigurumaSees, translateOniguruma } from "./oniguruma.ts";
import { show, type Stage, stageOf } from "./stage.ts";

/** A span of a text, in code units. */
export type Span = readonly [start: number, end: number];

/** Finds the matching parts of a text. */
export interface Find {
  /** The parts in order; they may be empty. */
  (text: string): Span[];
  /** The same as strings, at less cost, if they cover the whole text and none is empty; otherwise undefined. */
  tiles(text: string): string[] | undefined;
}

/**
 * Finds by a regular expression.
 *
 * @param regex The expression, with the flag `g` and one of `u` and `v`.
 * @returns A finder of its matches. An empty match right after another does not count.
 */
export function findBy(regex: RegExp): Find {
  const find = (text: string) => {
    const found: Span[] = [];
    let end = -1;
    for (regex.lastIndex = 0; regex.lastIndex <= text.length;) {
      const match = regex.exec(text);
      if (match === null) break;
      const start = match.index;
      if (isWithinCharacter(text, start)) {
        // V8 finds a false match there: /(?!\p{L})/gu.exec("\u{10400}").index is 1.
        regex.lastIndex = start + 1;
      } else if (match[0] === "" && start === end) {
        regex.lastIndex = end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
      } else {
        end = start + match[0].length;
        found.push([start, end]);
        regex.lastIndex = end;
      }
    }
    return found;
  };
  return Object.assign(find, {
    tiles: (text: string) => {
      const found = text.match(regex) ?? [];
      let length = 0;
      for (const part of found) {
        if (part === "") return undefined;
        length += part.length;
      }
      return length === text.length ? found : undefined;
    },
  });
}

const isWithinCharacter = (text: string, place: number): boolean =>
  place > 0 && place < text.length && text.codePointAt(place - 1)! > 0xffff;

/**
 * Finds by an Oniguruma regular expression.
 *
 * @param source The expression.
 * @param name Its path in the file, for messages.
 * @returns A finder of its matches.
 * @throws {RangeError} If the expression cannot be translated.
 */
export function findByOniguruma(source: string, name: string): Find {
  try {
    const find = findBy(translateOniguruma(source));
    return Object.assign((text: string) => find(asOnigurumaSees(text)), {
      tiles: (text: string) => asOnigurumaSees(text) === text ? find.tiles(text) : undefined,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new RangeError(
      `${name} must have a JavaScript equivalent, current value is ${show(source)}: ${reason}`,
      {
        cause,
      },
    );
  }
}

/**
 * Finds the matches of a stage's setting `pattern`: `{"String": …}` or `{"Regex": …}`.
 *
 * @param stage The stage.
 * @param name Its path in the file, for messages.
 * @returns A finder of the matches.
 * @throws {TypeError} If it is something else.
 * @throws {RangeError} If the expression cannot be translated.
 */
export function findByPattern(stage: Stage, name: string): Find {
  const pattern = stageOf(stage.pattern, `${name}.pattern`);
  if (typeof pattern.String === "string") {
    return findBy(new RegExp(pattern.String.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu"));
  }
  if (typeof pattern.Regex === "string") return findByOniguruma(pattern.Regex, `${name}.pattern.Regex`);
  throw new TypeError(`${name}.pattern must be {"String": …} or {"Regex": …}, current value is ${show(pattern)}`);
}
