import { formatConfig } from "../../../tasks/support/config_file.ts";
import { placeOf } from "../../../tasks/support/config_sections.ts";
import { distillSchema } from "../../../tasks/support/distill_setup.ts";
import { fieldsOf } from "../../../tasks/support/field.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";
import { sftSchema } from "../../../tasks/support/sft_setup.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";

const fields = fieldsOf(distillSchema);

/** Parses a file's text, and flags. */
async function parse(text: string, ...flags: string[]) {
  const path = `${await Deno.makeTempDir()}/c.json`;
  await Deno.writeTextFile(path, text);
  const args = ["--config", path, ...flags];
  return (await parseTask({ name: "distill", description: "", schema: distillSchema, args })).config;
}

Deno.test("every setting of a training task has a section, and a place there of which no other is a part", () => {
  for (const schema of [distillSchema, sftSchema]) {
    const places = fieldsOf(schema).map((field) => placeOf(field)!);
    assert(places.every((place) => /^(models|data|training|recording|engine)\./.test(place)));
    assertEquals(new Set(places).size, places.length);
    for (const place of places) assert(!places.some((other) => other.startsWith(`${place}.`)), place);
    // No name repeats what is around it: neither "lora": {"loraRank": 8} nor "data": {"data": "dolly"}.
    for (const place of places) {
      const keys = place.split(".");
      const repeats = keys.some((key, depth) => keys.slice(0, depth).some((outer) => key.startsWith(outer)));
      assert(!repeats, place);
    }
  }
});

Deno.test("parseTask() reads a file in sections, without sections, and half of each, and flags before all", async () => {
  const nested =
    '{"training": {"objective": {"alpha": "-inf"}, "steps": 9}, "data": {"path": "a.jsonl"}, "recording": {"saveEvery": "never"}}';
  const flat = '{"alpha": "-inf", "steps": 9, "data": "a.jsonl", "saveEvery": "never"}';
  const half = '{"alpha": "-inf", "training": {"steps": 9}, "data": "a.jsonl", "recording": {"saveEvery": "never"}}';
  const expected = await parse(nested);
  const { alpha, steps, data, saveEvery } = expected;
  assertEquals([alpha, steps, data, saveEvery], [-Infinity, 9, "a.jsonl", "never"]);
  for (const text of [flat, half]) assertEquals(await parse(text), expected);
  assertEquals((await parse(nested, "--steps", "3")).steps, 3);
});

Deno.test("formatConfig() writes sections that parseTask() reads back", async () => {
  const config = await parse('{"alpha": "inf", "loraRank": 4, "text": "b.txt", "teacherCache": "disk"}');
  const text = formatConfig(config, fields);
  const { models, data, training, ...others } = JSON.parse(text);
  assertEquals(Object.keys(others), ["recording", "engine"]);
  assertEquals([models.lora.rank, models.teacherCache.keep, data.text.path], [4, "disk", "b.txt"]);
  assertEquals([data.path, training.objective.alpha, others.engine.name], ["wordnet", "inf", "wasm"]);
  assertEquals(await parse(text), config);
});

Deno.test("parseTask() refuses a setting in another section, twice, unknown or retired, and names file and section", async () => {
  const cases: [text: string, part: string][] = [
    ['{"models": {"alpha": 1}}', '"models.alpha" in '],
    ['{"models": {"alpha": 1}}', 'its place is "training.objective.alpha"'],
    ['{"models": {"loraRank": 8}}', 'Cannot use "models.loraRank" in '],
    ['{"models": {"lora": {"loraRank": 8}}}', 'its place is "models.lora.rank"'],
    ['{"data": {"data": "wordnet"}}', 'its place is "data.path"'],
    ['{"training": {"objective": "gkd"}}', 'its place is "training.objective.name"'],
    ['{"alpha": 1, "training": {"objective": {"alpha": 1}}}', "it is duplicated"],
    ['{"alhpa": 1}', "did you mean alpha?"],
    ['{"training": {"alhpa": 1}}', "did you mean training.objective.alpha?"],
    ['{"training": {"objective": {"alhpa": 1}}}', "did you mean training.objective.alpha?"],
    ['{"training": {"schedules": {"alpha": "linear"}}}', "an object is needed, of name, end"],
    ['{"training": 3}', '"training" in '],
    ['{"training": {"objective": {"mu": true}}}', 'Cannot use "training.objective.mu" in '],
    ['{"saveAtEnd": false}', 'saveEvery says when checkpoints are saved, "never" instead of false'],
    [
      '{"saveEvery": 0}',
      "a positive whole number, end or never is needed; use end for only at the end, current value is 0",
    ],
    ['{"validateEvery": "often"}', "a positive whole number, end or never is needed"],
  ];
  for (const [text, part] of cases) {
    const error = await parse(text).catch((error) => error);
    assert(error instanceof UsageError && error.message.includes(part), `${text}: ${error}`);
  }
  await assertRejects(
    () => parse("{}", "--no-save-at-end"),
    UsageError,
    "there is no flag --no-save-at-end; saveEvery",
  );
  await assertRejects(() => parse("{}", "--save-every", "0"), UsageError, "use end for only at the end");
  assertEquals((await parse("{}", "--validate-every=end", "--measure-every", "never")).validateEvery, "end");
});
