/**
 * The tokens that a tokenizer's settings add to `tokenizer.json`, by the rules of transformers 5 (`TokenizersBackend`).
 *
 * @module
 */
import type { AddedToken } from "./pipeline/added_tokens.ts";

type Json = Readonly<Record<string, unknown>>;

/** Special tokens that every tokenizer may have, in the order in which they are added. */
const NAMED = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/**
 * Returns the tokens to add.
 *
 * @param present The added tokens of `tokenizer.json`.
 * @param settings The contents of `tokenizer_config.json`, merged with `special_tokens_map.json` if that applies.
 * @param older The tokens of `added_tokens.json` with their ids.
 * @returns In their order: the tokens of `added_tokens_decoder` that are absent or have other flags, or without such a
 * list the older ones that are absent; the special tokens with a name that are absent; the other special tokens that
 * are.
 */
export function settingsTokens(present: readonly AddedToken[], settings: Json, older: Json = {}): AddedToken[] {
  const listed = "added_tokens_decoder" in settings
    ? listedTokens(settings)
    : olderTokens(older, settings).filter(({ content }) => !present.some((token) => token.content === content));
  const added = listed.filter((token) => !present.some((other) => isSame(token, other)));
  const known = new Set([...present, ...added].map(({ content }) => content));
  const byContent = new Map([...present, ...listed].map((token) => [token.content, token]));
  for (const value of namedAndOthers(settings)) {
    const given = tokenOf(value, true);
    if (given === undefined || known.has(given.content)) continue;
    known.add(given.content);
    added.push(byContent.get(given.content) ?? given);
  }
  const named = new Set(namedValues(settings).map((value) => tokenOf(value, true)?.content));
  return added.map((token) => named.has(token.content) ? { ...token, special: true } : token);
}

/** The tokens of `added_tokens_decoder`, in the order of their ids. */
function listedTokens({ added_tokens_decoder: listed }: Json): AddedToken[] {
  if (!isObject(listed)) return [];
  return Object.entries(listed)
    .sort(([one], [other]) => Number(one) - Number(other))
    .flatMap(([, value]) => tokenOf(value, false) ?? []);
}

/** The tokens of the older file, in the order of their ids. */
function olderTokens(older: Json, settings: Json): AddedToken[] {
  const special = new Set(namedAndOthers(settings).map((value) => tokenOf(value, true)?.content));
  return Object.entries(older)
    .sort(([, one], [, other]) => Number(one) - Number(other))
    .flatMap(([content]) => tokenOf({ content, special: special.has(content) }, false) ?? []);
}

/** The special tokens that have a name: those that every tokenizer may have, and this one's own. */
function namedValues(settings: Json): unknown[] {
  const own = Object.entries(settings)
    .filter(([name, value]) => name.endsWith("_token") && !NAMED.includes(name) && typeof value === "string")
    .map(([, value]) => value);
  const extra = otherValues(settings);
  return [...NAMED.map((name) => settings[name]), ...own, ...(isObject(extra) ? Object.values(extra) : [])];
}

function namedAndOthers(settings: Json): unknown[] {
  const extra = otherValues(settings);
  return [...namedValues(settings), ...(Array.isArray(extra) ? extra : [])];
}

/** The special tokens without a name; older files use a different key. */
function otherValues({ extra_special_tokens: extra, additional_special_tokens: older }: Json): unknown {
  const isEmpty = extra === undefined || extra === null || Object.keys(extra).length === 0;
  return isEmpty ? older : extra;
}

/** A token is its text, or an object with its text and flags. */
function tokenOf(value: unknown, isSpecial: boolean): AddedToken | undefined {
  if (typeof value === "string") value = { content: value };
  if (!isObject(value) || typeof value.content !== "string" || value.content === "") return undefined;
  const flag = (name: string, byDefault = false): boolean => (value as Json)[name] as boolean ?? byDefault;
  const special = flag("special", isSpecial);
  return {
    content: value.content,
    single_word: flag("single_word"),
    lstrip: flag("lstrip"),
    rstrip: flag("rstrip"),
    normalized: flag("normalized", !(special || isSpecial)),
    special,
  };
}

const FLAGS = ["content", "single_word", "lstrip", "rstrip", "normalized", "special"] as const;

const isSame = (one: AddedToken, other: AddedToken): boolean => FLAGS.every((flag) => one[flag] === other[flag]);

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
