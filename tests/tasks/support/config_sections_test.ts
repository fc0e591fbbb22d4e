import { formatConfig } from "../../../tasks/support/config_file.ts";
import { sectionOf } from "../../../tasks/support/config_sections.ts";
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

Deno.test("every setting of a training task has a section", () => {
  for (const schema of [distillSchema, sftSchema]) {
    assertEquals(fieldsOf(schema).filter((field) => sectionOf(field) === undefined).map(({ key }) => key), []);
  }
});

Deno.test("parseTask() reads a file in sections, without sections, and half of each, and flags before all", async () => {
  const nested =
    '{"training": {"alpha": "-inf", "steps": 9}, "data": {"data": "a.jsonl"}, "recording": {"saveEvery": "never"}}';
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
  assertEquals(Object.keys(JSON.parse(text)), ["models", "data", "training", "recording", "engine"]);
  assertEquals(await parse(text), config);
});

Deno.test("parseTask() refuses a setting in another section, twice, unknown or retired, and names file and section", async () => {
  const cases: [text: string, part: string][] = [
    ['{"models": {"alpha": 1}}', '"alpha" in '],
    ['{"models": {"alpha": 1}}', 'it belongs into "training", it is in "models"'],
    ['{"alpha": 1, "training": {"alpha": 1}}', "it is there twice"],
    ['{"training": {"alhpa": 1}}', "did you mean alpha?"],
    ['{"training": 3}', '"training"'],
    ['{"saveAtEnd": false}', 'saveEvery says when checkpoints are saved, "never" in place of false'],
    ['{"saveEvery": 0}', "a whole number from 1, end or never is needed; at the end alone is end, current value is 0"],
    ['{"validateEvery": "often"}', "a whole number from 1, end or never is needed"],
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
  await assertRejects(() => parse("{}", "--save-every", "0"), UsageError, "at the end alone is end");
  assertEquals((await parse("{}", "--validate-every=end", "--measure-every", "never")).validateEvery, "end");
});
