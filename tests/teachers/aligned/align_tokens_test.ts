/** Alignment of tokens by bytes, beside the offsets of Python's tokenizers. */
import { fileURLToPath } from "node:url";
import { alignTokens } from "../../../lib/teachers/aligned/align_tokens.ts";
import { tokenBytes } from "../../../lib/text/token_bytes.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../../lib/text/tokenizer_interface.ts";
import { assert, assertEquals, assertThrows, sharedFile, testUnless } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { realModel } from "../../support/real_models.ts";

const encoder = new TextEncoder();
const bytesOf = (...tokens: string[]) => tokens.map((token) => encoder.encode(token));

Deno.test("alignTokens() gives the shortest spans that both sequences end together, up to the first other byte", () => {
  const spans = (ours: Uint8Array[], theirs: Uint8Array[]) => {
    const { spans, isWhole } = alignTokens(ours, theirs);
    return [
      spans.map(({ start, size, teacherStart, teacherSize }) => [start, size, teacherStart, teacherSize]),
      isWhole,
    ];
  };
  assertEquals(spans(bytesOf("a", "bc", "d"), bytesOf("ab", "c", "d")), [[[0, 2, 0, 2], [2, 1, 2, 1]], true]);
  assertEquals(spans(bytesOf("ab", "cd"), bytesOf("ab", "xd")), [[[0, 1, 0, 1]], false]);
  assertEquals(spans(bytesOf("ab", "cd"), bytesOf("ab")), [[[0, 1, 0, 1]], false]);
  assertEquals(spans(bytesOf("ab"), bytesOf("ab", "cd")), [[[0, 1, 0, 1]], false]);
  assertEquals(spans([], []), [[], true]);
  const heron = encoder.encode("鷺");
  assertEquals(spans([heron.subarray(0, 1), heron.subarray(1)], [heron]), [[[0, 2, 0, 1]], true]);
  assertEquals(spans(bytesOf("abc"), bytesOf("a", "b", "c")), [[[0, 1, 0, 3]], true]);
});

Deno.test("tokenBytes() spells tokens of bytes and with a mark for blanks, and names another decoder", () => {
  const spelled = (decoder: unknown, vocab: unknown, id: number) =>
    tokenBytes({
      specification: { decoder, model: { vocab }, added_tokens: [{ id: 9, content: "<e>", special: true }] },
    })
      .of(id);
  const level = { type: "ByteLevel" };
  assertEquals(spelled(level, { "Ġé": 0 }, 0), Uint8Array.of(0x20, 0xe9));
  const mark = { type: "Replace", pattern: { String: "▁" }, content: " " };
  const fallen = { type: "Sequence", decoders: [mark, { type: "ByteFallback" }, { type: "Fuse" }] };
  assertEquals(spelled(fallen, { "▁a▁": 0, "<0xE9>": 1 }, 0), encoder.encode(" a "));
  assertEquals(spelled(fallen, { "▁a▁": 0, "<0xE9>": 1 }, 1), Uint8Array.of(0xe9));
  assertEquals(spelled({ type: "Metaspace", replacement: "_" }, [["_a", 0]], 0), encoder.encode(" a"));
  assertEquals([spelled(level, {}, 9), spelled(level, {}, 3)], [undefined, undefined]);
  assertThrows(() => spelled({ type: "WordPiece" }, {}, 0), TypeError, "it is WordPiece");
  assertThrows(() => spelled(null, {}, 0), TypeError, "it is absent");
});

const [smol, gemma] = [await realModel("smollm2-135m-instruct"), await realModel("gemma-3-270m")];
const file = sharedFile("data/dolly/valid.jsonl");
const missing = smol.reason ?? gemma.reason ?? (file ? undefined : "there are no rows beside the checkout");
const declare = (name: string, body: () => Promise<void>) =>
  missing === undefined ? testWithPython(["tokenizers"], name, body) : testUnless(missing, name, body);

declare(
  "alignTokens() gives the spans of Python's offsets for real texts of three tokenizers, either way",
  async () => {
    const tokenizers = await Promise.all(["smollm2-135m-instruct", "gemma-3-270m", "data/tokenizer"].map(loadOne));
    const lines = (await Deno.readTextFile(file!)).trim().split("\n").slice(0, 60).map((line) => JSON.parse(line));
    const strange = ["naïve 鷺鷺 🦢🦩 e\u0301", "  two  blanks\n\n\nand\ttabs ", "x=12345.678; // ok", "Größe: ½ «ça»"];
    const texts = [...lines.map(({ output }) => String(output)), ...strange];
    const pairs = [[0, 1], [1, 0], [0, 2], [2, 1]];
    const request = await Deno.makeTempFile();
    const specifications = tokenizers.map(({ specification }) => specification);
    await Deno.writeTextFile(request, JSON.stringify({ texts, specifications, pairs }));
    const script = fileURLToPath(new URL("../../python/align_tokens.py", import.meta.url));
    const run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    const answers: { ids: [number[], number[]]; spans: number[][] }[] = JSON.parse(
      await python(run, [script, request]),
    );
    const spelled = tokenizers.map(tokenBytes);
    let several = 0;
    answers.forEach(({ ids, spans }, index) => {
      const pair = pairs[Math.floor(index / texts.length)], text = texts[index % texts.length];
      assertEquals(pair.map((place) => tokenizers[place].encode(text)), ids);
      const [ours, theirs] = ids.map((list, side) => list.map((id) => spelled[pair[side]].of(id)!));
      const found = alignTokens(ours, theirs);
      assert(found.isWhole, text);
      const shown = found.spans.map((
        { start, size, teacherStart, teacherSize },
      ) => [start, size, teacherStart, teacherSize]);
      assertEquals(coarser(shown, text, ours), spans, text);
      several += shown.filter(([, size, , other]) => size + other > 2).length;
    });
    assert(answers.length === 4 * texts.length && several > 300, `${several} spans of several tokens`);
  },
);

/** Spans joined where they end inside a character, which offsets of characters cannot tell. */
function coarser(spans: number[][], text: string, tokens: readonly Uint8Array[]): number[][] {
  const bytes = encoder.encode(text);
  let [at, open] = [0, false];
  const joined: number[][] = [];
  for (const [start, size, other, count] of spans) {
    for (let token = start; token < start + size; token++) at += tokens[token].length;
    const last = joined.at(-1);
    if (open && last) [last[1], last[3]] = [last[1] + size, last[3] + count];
    else joined.push([start, size, other, count]);
    open = at < bytes.length && (bytes[at] & 0xc0) === 0x80;
  }
  return joined;
}

const loadOne = (name: string): Promise<Tokenizer> => loadTokenizer(name);
