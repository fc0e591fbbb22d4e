import { z } from "zod";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { extendedNumber, fieldsOf, switchWith } from "../../../tasks/support/field.ts";
import { formatConfig } from "../../../tasks/support/config_file.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { HelpRequest, UsageError } from "../../../tasks/support/usage_error.ts";

const schema = z.strictObject({
  name: z.string().min(1).default("quick").describe("name of the run"),
  steps: z.int().min(1).default(300).describe("optimizer steps"),
  learningRate: z.number().gt(0).default(5e-4).describe("peak learning rate"),
  alpha: extendedNumber().default(0).describe("order of the mixture"),
  lambda: z.number().min(0).max(1).default(0.5).describe("weight of the teacher"),
  order: z.enum(["pr", "qr", "pq"]).default("pr").describe("the divergence's arguments"),
  resume: z.boolean().default(false).describe("go on from a checkpoint"),
  validate: z.boolean().default(true).describe("validate on the way"),
  engine: z.string().optional().describe("the engine"),
});

const parse = (...args: string[]) => parseTask({ name: "distill", description: "Distils.", schema, args });

async function withFiles(files: Record<string, string>, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("parseTask() returns the defaults without arguments", async () => {
  const { config, origins } = await parse();
  assertEquals(config, schema.parse({}));
  assertEquals(origins, {});
});

Deno.test("parseTask() reads kebab-case flags of every kind, in both spellings", async () => {
  const { config, origins } = await parse(
    "--learning-rate=1e-3",
    "--steps",
    "7",
    "--name",
    "a b",
    "--order",
    "qr",
    "--resume",
    "--no-validate",
    "--engine",
    "wasm",
  );
  assertEquals(config, {
    ...schema.parse({}),
    learningRate: 1e-3,
    steps: 7,
    name: "a b",
    order: "qr",
    resume: true,
    validate: false,
    engine: "wasm",
  });
  assertEquals(origins.learningRate, "--learning-rate");
});

Deno.test("parseTask() reads a switch alone, with a choice, as true or false, and turned off", async () => {
  const schema = z.strictObject({
    resume: switchWith(["auto"]).default(false).describe("go on"),
    name: z.string().default("quick").describe("name of the run"),
  });
  const read = async (...args: string[]) =>
    (await parseTask({ name: "distill", description: "Distils.", schema, args })).config.resume;
  assertEquals(await read(), false);
  assertEquals(await read("--resume"), true);
  assertEquals(await read("--resume", "--name", "x"), true);
  assertEquals(await read("--resume", "auto"), "auto");
  assertEquals(await read("--resume=false"), false);
  assertEquals(await read("--no-resume"), false);
  await assertRejects(() => read("--resume", "atuo"), UsageError, "Cannot use --resume: true, false or auto is needed");
  await withFiles({ "run.json": `{"resume": "auto"}` }, async (folder) => {
    assertEquals(await read("--config", `${folder}/run.json`), "auto");
    assertEquals(await read("--config", `${folder}/run.json`, "--no-resume"), false);
  });
});

Deno.test("parseTask() reads negative and infinite values where the field takes them", async () => {
  const alphas = ["-3", "-.5", "inf", "-inf", "Infinity", "-Infinity", "+2."];
  const read = await Promise.all(alphas.map(async (alpha) => (await parse("--alpha", alpha)).config.alpha));
  assertEquals(read, [-3, -0.5, Infinity, -Infinity, Infinity, -Infinity, 2]);
  assertEquals((await parse("--alpha=-inf")).config.alpha, -Infinity);
});

const refused: [args: string[], message: string][] = [
  [["--lambda", "1.5"], "Cannot use --lambda: it must be at most 1, current value is 1.5"],
  [["--lambda", "inf"], 'Cannot use --lambda: a number is needed, current value is "inf"'],
  [["--lambda", "-0.5"], "Cannot use --lambda: it must be at least 0, current value is -0.5"],
  [["--learning-rate", "0"], "Cannot use --learning-rate: it must be more than 0, current value is 0"],
  [["--steps", "abc"], 'Cannot use --steps: an integer is needed, current value is "abc"'],
  [["--steps", ""], 'Cannot use --steps: an integer is needed, current value is ""'],
  [["--steps", "0x10"], 'Cannot use --steps: an integer is needed, current value is "0x10"'],
  [["--steps", "1e999"], 'Cannot use --steps: an integer is needed, current value is "1e999"'],
  [["--steps", "2.5"], "Cannot use --steps: an integer is needed, current value is 2.5"],
  [["--steps", "0"], "Cannot use --steps: it must be at least 1, current value is 0"],
  [["--alpha", "nan"], 'Cannot use --alpha: a number, inf or -inf is needed, current value is "nan"'],
  [["--order", "qp"], 'Cannot use --order: one of pr, qr, pq is needed, current value is "qp"'],
  [["--order", "PR"], "is needed (did you mean pr?)"],
  [["--name", ""], 'Cannot use --name: a string of at least 1 character is needed, current value is ""'],
  [["--stepps", "3"], "Cannot run distill: there is no flag --stepps (did you mean --steps?)"],
  [["--steps"], "Cannot run distill: --steps needs a value"],
  [["--steps", "1_000"], 'an integer is needed, current value is "1_000" (did you mean 1000?)'],
  [["--steps", " 5 "], 'an integer is needed, current value is " 5 " (did you mean 5?)'],
  [["--steps", "0b11"], "(did you mean 3?)"],
  [["--lambda", "0,5"], 'a number is needed, current value is "0,5" (did you mean 0.5?)'],
  [["--lambda", "50%"], 'Cannot use --lambda: a number is needed, current value is "50%"'],
  [["--steps", "9007199254740993"], "Cannot use --steps: it must be at most 9007199254740991"],
  [["--steps", "1e300"], "Cannot use --steps: it must be at most 9007199254740991, current value is 1e+300"],
  [["--steps", "--name", "x"], "Cannot use --steps: a value is needed, the next argument is the flag --name"],
  [["--name", "--no-resume"], "Cannot use --name: a value is needed, the next argument is the flag --no-resume"],
  [["--name", "  "], "Cannot use --name: a string of at least 1 character is needed"],
  [["--engine="], 'Cannot use --engine: a string of at least 1 character is needed, current value is ""'],
  [["--resume=maybe"], 'Cannot use --resume: true or false is needed, current value is "maybe"'],
  [["--resume", "true"], "--resume takes no value, --no-resume turns it off, current argument is "],
  [["--no-steps"], "Cannot run distill: there is no flag --no-steps (did you mean --steps?)"],
  [["-steps", "5"], "Cannot run distill: there is no flag -steps (did you mean --steps?)"],
  [["--learning_rate=1"], "Cannot run distill: there is no flag --learning_rate (did you mean --learning-rate?)"],
  [["--learningRate", "1"], "Cannot run distill: there is no flag --learningRate (did you mean --learning-rate?)"],
  [["--weight-rate", "1"], "Cannot run distill: there is no flag --weight-rate (did you mean --learning-rate?)"],
  [["--zzz"], "Cannot run distill: there is no flag --zzz"],
  [["--config", "a.json", "--config", "b.json"], 'Cannot use --config twice: "extends" in one file includes another'],
  [["fast"], 'Cannot run distill: settings are flags, current argument is "fast"'],
];
for (const [args, message] of refused) {
  Deno.test(`parseTask() refuses ${JSON.stringify(args)}`, () =>
    assertRejects(() => parse(...args), UsageError, message));
}

Deno.test("parseTask() takes --flag=true and --flag=false of a boolean, and exponents of an integer", async () => {
  const { config } = await parse("--resume=true", "--validate=false", "--steps=1e2");
  assertEquals([config.resume, config.validate, config.steps], [true, false, 100]);
});

Deno.test("parseTask() lets the last of repeated flags count, and warns where they differ", async () => {
  const warnings: string[] = [];
  const args = ["--steps", "5", "--resume", "--name", "a", "--steps=6", "--no-resume", "--name", "a"];
  const options = { name: "distill", description: "", schema, args, warn: (text: string) => warnings.push(text) };
  const { config } = await parseTask(options);
  assertEquals([config.steps, config.resume, config.name], [6, false, "a"]);
  assertEquals(warnings, [
    "--steps is given 2 times, 5, then 6: the last value is used",
    "--resume is given 2 times, on, then off: the last value is used",
  ]);
});

Deno.test("parseTask() names every value that is wrong", async () => {
  await assertRejects(() => parse("--lambda", "2", "--steps", "0"), UsageError, "--steps");
  await assertRejects(() => parse("--lambda", "2", "--steps", "0"), UsageError, "\nCannot use --lambda");
});

Deno.test("parseTask() shows flags, choices and defaults on --help", async () => {
  try {
    await parse("--help");
    assert(false, "no help");
  } catch (error) {
    assert(error instanceof HelpRequest);
    const { text } = error;
    for (
      const part of [
        "--learning-rate <number>",
        "(default: 0.0005)",
        "pr, qr, pq",
        "--[no-]validate",
        "--resume",
        "--config",
      ]
    ) {
      assert(text.includes(part), `${part} is missing in\n${text}`);
    }
  }
});

Deno.test("parseTask() lets flags override the file, and the file the defaults", async () => {
  await withFiles({ "c.json": '{"steps": 5, "lambda": 0.25, "alpha": "-inf"}' }, async (folder) => {
    const { config, origins } = await parse("--config", `${folder}/c.json`, "--steps", "6");
    assertEquals([config.steps, config.lambda, config.alpha, config.order], [6, 0.25, -Infinity, "pr"]);
    assertEquals(origins, { steps: "--steps", lambda: `${folder}/c.json`, alpha: `${folder}/c.json` });
  });
});

Deno.test("parseTask() follows `extends` relative to the file", async () => {
  const files = { "base.json": '{"steps": 5, "lambda": 0.25}', "c.json": '{"extends": "base.json", "steps": 9}' };
  await withFiles(files, async (folder) => {
    const { config } = await parse("--config", `${folder}/c.json`);
    assertEquals([config.steps, config.lambda], [9, 0.25]);
  });
});

Deno.test("parseTask() follows a list in `extends`, a later file before an earlier one, through folders", async () => {
  const files = {
    "base.json": '{"steps": 5, "lambda": 0.25, "order": "qr"}',
    "method.json": '{"extends": "base.json", "lambda": 0.75}',
    "size.json": '{"extends": "base.json", "steps": 7}',
    "c.json": '{"extends": ["./size.json", "./method.json"], "order": "pq"}',
  };
  await withFiles(files, async (folder) => {
    const { config, origins } = await parse("--config", `${folder}/c.json`);
    assertEquals([config.steps, config.lambda, config.order], [7, 0.75, "pq"]);
    assertEquals(origins.steps, `${folder}/size.json`);
  });
});

const badFiles: [title: string, text: string, message: string][] = [
  [
    "an unknown key",
    '{"learningrate": 1}',
    '"learningrate" in F: there is no such setting (did you mean learningRate?)',
  ],
  ["a wrong type", '{"steps": "many"}', '"steps" in F: an integer is needed, current value is "many"'],
  ["a number as text", '{"lambda": "0.5"}', '"lambda" in F: a number is needed, current value is "0.5"'],
  ["a null", '{"resume": null}', '"resume" in F: true or false is needed, current value is null'],
  ["a value out of range", '{"lambda": -1}', '"lambda" in F: it must be at least 0, current value is -1'],
  [
    "a syntax error",
    '{\n  "steps": 5,\n}',
    "configuration F, line 3, column 1: it is not JSON: there must be no comma",
  ],
  ["a key twice", '{"steps": 5,\n "steps": 6}', 'configuration F, line 2, column 2: the key "steps" is duplicated'],
  ["NaN", '{"lambda": NaN}', "configuration F, line 1, column 12: it is not JSON: NaN is not a JSON number"],
  ["a number too large", '{"lambda": 1e999}', "configuration F, line 1, column 12: the number 1e999 is too large"],
  ["a NUL byte", '{"lambda": 1}\0', "configuration F, line 1, column 14: there is a NUL byte"],
  ["no object", "[1]", 'configuration F: a JSON object is needed, {"steps": 100} for instance; it holds a list'],
  ["a cycle", '{"extends": "./c.json"}', "it extends itself"],
  ["a missing parent", '{"extends": "none.json"}', "none.json: there is no such file"],
  [
    "a parent that is no text",
    '{"extends": 3}',
    '"extends" in F: a file name, or a list of names, is needed, current value is 3',
  ],
  ["an empty list of parents", '{"extends": []}', '"extends" in F: a file name, or a list of names'],
  ["a cycle in a list of parents", '{"extends": ["c.json"]}', "it extends itself"],
  ["a prototype key", '{"__proto__": {"steps": 1}}', '"__proto__" in F: there is no such setting'],
];
for (const [title, text, message] of badFiles) {
  Deno.test(`parseTask() refuses a file with ${title}`, () =>
    withFiles({ "c.json": text }, async (folder) => {
      const file = `${folder}/c.json`;
      await assertRejects(() => parse("--config", file), UsageError, message.replace("F", file));
    }));
}

Deno.test("parseTask() reads a file with a byte-order mark, and refuses Latin-1 and UTF-16, saying so", () =>
  withFiles({ "c.json": '\ufeff{"steps": 7}\r\n' }, async (folder) => {
    const file = `${folder}/c.json`;
    assertEquals((await parse("--config", file)).config.steps, 7);
    await Deno.writeFile(file, Uint8Array.of(0x7b, 0x0a, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d));
    await assertRejects(
      () => parse("--config", file),
      UsageError,
      `${file}, line 2, column 2: its bytes are not UTF-8`,
    );
    await Deno.writeFile(file, Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0));
    await assertRejects(() => parse("--config", file), UsageError, `${file}: UTF-8 text is needed, it is UTF-16`);
    await assertRejects(() => parse("--config", folder), UsageError, "a file is needed, it is a folder");
  }));

Deno.test("parseTask() names a file that is not there", async () => {
  await assertRejects(() => parse("--config", "/nowhere/c.json"), UsageError, "/nowhere/c.json: there is no such file");
});

Deno.test("formatConfig() writes what parseTask() reads back", async () => {
  const { config } = await parse("--alpha", "-inf", "--engine", "wasm", "--no-validate");
  await withFiles({ "c.json": formatConfig(config) }, async (folder) => {
    assertEquals((await parse("--config", `${folder}/c.json`)).config, config);
  });
  assertThrows(() => formatConfig({ loss: NaN }), RangeError, '"loss"');
});

Deno.test("fieldsOf() refuses what cannot be a flag", () => {
  const nested = z.object({ optimizer: z.object({}).describe("…") });
  assertThrows(() => fieldsOf(nested), TypeError, '"optimizer"');
  assertThrows(() => fieldsOf(z.object({ steps: z.int() })), TypeError, "a description is needed");
  assertThrows(() => fieldsOf(z.object({ noDecay: z.boolean().describe("…") })), TypeError, '"noDecay"');
});
