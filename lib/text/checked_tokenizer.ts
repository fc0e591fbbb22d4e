/**
 * A tokenizer that checks its arguments.
 *
 * @module
 */
import { aList, aText, checkArguments } from "../arguments/check_arguments.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/** The same tokenizer; a {@linkcode TypeError} names an argument of the wrong kind. */
export function checkedTokenizer(tokenizer: Tokenizer): Tokenizer {
  const { encode, decode, save } = tokenizer;
  return {
    ...tokenizer,
    encode: (text) => {
      checkArguments("encode", { text: [text, aText] });
      return encode(text);
    },
    decode: (ids) => {
      checkArguments("decode", { ids: [ids, aList] });
      return decode(ids);
    },
    save: async (folder) => {
      checkArguments("save the tokenizer", { folder: [folder, aText] });
      await save(folder);
    },
  };
}
