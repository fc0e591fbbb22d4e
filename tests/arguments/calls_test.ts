/** Calls as notebooks in JavaScript make them, without types: each error names the function's deed and the argument. */
import * as amid from "../../mod.ts";
import { entries } from "../../tasks/support/entries.ts";
import { assert } from "../support/mod.ts";
import { tinyModel } from "../support/tiny_model.ts";

await amid.useEngine("wasm");

const modules = await Promise.all(Object.values(entries).map((path) => import(`../../${path}`)));
const untyped = Object.assign({}, ...modules);
const model = tinyModel(1);
const tokenizer = await amid.loadTokenizer("data/tokenizer");
// deno-lint-ignore no-explicit-any
const [untypedModel, untypedTokenizer] = [model, tokenizer] as any[];
const objective = amid.objective("amid");
const row = { ids: [1, 2, 3], promptLength: 1 };
const question = { prompt: "Name a wader.\n", outputs: ["heron"] };
const optimizer = { learningRate: 1e-3 };
const small = { model_type: "gpt2", vocab_size: 5, n_embd: 4, n_layer: 1, n_head: 1, n_positions: 4 };
const trainer = (options: unknown) => new untyped.Trainer(options);
const run = (options: unknown) => untyped.distill(options).next();
const soon = () => Promise.resolve(model);

/** What is called, what is wrong with it, and what the message must be. */
const calls: [name: string, call: () => unknown, message: string][] = [
  [
    "chatTemplate",
    () => untyped.chatTemplate("{{ 1 }}"),
    "Cannot read a chat template: options must be an object with name and tokens, current value is absent",
  ],
  [
    "chatTemplate",
    () => untyped.chatTemplate("{{ 1 }}", { name: "mine", tokens: {} }).render("hello"),
    "Cannot render the chat template of mine: messages must be a list, each element a message, an object with role and " +
    'content, current value is "hello"',
  ],
  [
    "chatTemplate",
    () => untyped.chatTemplate("{{ 1 }}", { name: "mine", tokens: {} }).render([null]),
    "current value at 0 is null",
  ],
  [
    "chatTemplate",
    () => untyped.chatTemplate("{{ 1 }}", { name: "mine", tokens: {} }).render([], { now: "2026-01-01" }),
    'now must be a Date, current value is "2026-01-01"',
  ],
  [
    "renderPrompt",
    () => untyped.renderPrompt({ instruction: "a" }, { tokenizer, style: "chatml" }),
    'Cannot render a prompt: style must be one of auto, chat, alpaca, current value is "chatml"',
  ],
  [
    "scheduledNumber",
    () => untyped.scheduledNumber({ name: "linear", from: 0, to: 1 }),
    "Cannot schedule a number: options must be an object with name and totalSteps, current value is absent",
  ],
  [
    "selectCheckpoint",
    () => untyped.selectCheckpoint("runs/a", { data: "wordnet", tokenizer: "data/tokenizer" }),
    "Cannot select: texts must be a list, current value is absent",
  ],
  [
    "readyRows",
    () => untyped.readyRows({ train: [], valid: [], test: [] }, { tokenizer }),
    "Cannot make rows: contextLength must be a number, current value is absent",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(),
    "Cannot make a row: tokenizer must be a tokenizer, as loadTokenizer() returns it, current value is absent",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(tokenizer),
    "options must be an object with prompt and response, current value is absent",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(tokenizer, { prompt: "a" }),
    "Cannot make the row: response must be a string, current value is absent",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(tokenizer, { response: "a" }),
    "Cannot make the row: prompt must be a string, current value is absent",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(tokenizer, { prompt: 3, response: "a", name: "row 7" }),
    "Cannot make row 7: prompt must be a string, current value is 3",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText({ prompt: "a", response: "b" }),
    "tokenizer must be a tokenizer, as loadTokenizer() returns it, current value is an object with prompt, response",
  ],
  [
    "rowFromText",
    () => untyped.rowFromText(soon(), { prompt: "a", response: "b" }),
    "current value is a promise: write await before the call that gave it",
  ],
  [
    "generate",
    () => untyped.generate(),
    "Cannot generate: model must be a model, as loadModel() returns it, current value is absent",
  ],
  [
    "generate",
    () => untyped.generate(model, ["text"]),
    "options must be an object with maxNewTokens, current value is absent",
  ],
  [
    "generate",
    () => untyped.generate(model, ["text"], { maxNewTokens: 3 }),
    'each element of prompts must be a list of token ids, as tokenizer.encode(text) returns it, current value at 0 is "text"',
  ],
  [
    "generate",
    () => untyped.generate(model, "text", { maxNewTokens: 3 }),
    'prompts must be a list, each element a list of token ids, as tokenizer.encode(text) returns it, current value is "text"',
  ],
  ["generate", () => untyped.generate(model, [[1], 2], { maxNewTokens: 3 }), "current value at 1 is 2"],
  [
    "generate",
    () => untyped.generate(model, [[1]], {}),
    "maxNewTokens must be a positive whole number, current value is undefined",
  ],
  [
    "generate",
    () => untyped.generate(soon(), [[1]], { maxNewTokens: 3 }),
    "model must be a model, as loadModel() returns it, current value is a promise",
  ],
  [
    "generate",
    () => untyped.generate(tokenizer, [[1]], { maxNewTokens: 3 }),
    "current value is an object with encode, decode",
  ],
  [
    "Trainer",
    () => trainer(undefined),
    "Cannot train: options must be an object with student, totalSteps and optimizer, current value is absent",
  ],
  ["Trainer", () => trainer({}), "student must be a model, as loadModel() returns it, current value is absent"],
  [
    "Trainer",
    () => trainer({ teacher: model, totalSteps: 3, optimizer, objective }),
    "student must be a model, as loadModel() returns it, current value is absent",
  ],
  ["Trainer", () => trainer({ student: model }), "totalSteps must be a number, current value is absent"],
  [
    "Trainer",
    () => trainer({ student: model, totalSteps: 3 }),
    "optimizer must be an object with learningRate, current value is absent",
  ],
  [
    "Trainer",
    () => trainer({ student: model, totalSteps: 3, optimizer: {} }),
    "optimizer.learningRate must be a number, current value is absent",
  ],
  [
    "Trainer",
    () => trainer({ student: model, totalSteps: 3, optimizer, objective }),
    "Cannot train: the objective needs a teacher, which is not given",
  ],
  [
    "Trainer",
    () => trainer({ student: model, teacher: model, totalSteps: 3, optimizer }),
    "needs an objective, which is not given",
  ],
  [
    "Trainer",
    () => trainer({ student: model, teacher: model, totalSteps: 3, optimizer, objective: "amid" }),
    'objective must be an objective, as objective() makes it, current value is "amid"',
  ],
  [
    "Trainer",
    () => trainer({ student: model, teacher: soon(), totalSteps: 3, optimizer, objective }),
    "teacher must be a model, as loadModel() returns it, or another teacher, current value is a promise",
  ],
  [
    "step",
    () => trainer({ student: model, totalSteps: 3, optimizer }).step(),
    "Cannot take a step: rows must be a list, each element a row with ids and promptLength",
  ],
  [
    "step",
    () => trainer({ student: model, totalSteps: 3, optimizer }).step([{ prompt: "a", response: "b" }]),
    "current value at 0 is an object with prompt, response",
  ],
  ["distill", () => run(undefined), "Cannot train: options must be an object with"],
  ["distill", () => run({ totalSteps: 3, optimizer, rows: [row], batchSize: 1 }), "student must be a model"],
  [
    "distill",
    () => run({ student: model, totalSteps: 3, optimizer, batchSize: 1 }),
    "rows must be a list, each element a row",
  ],
  [
    "distill",
    () => run({ student: model, totalSteps: 3, optimizer, rows: [row] }),
    "batchSize must be a number, current value is absent",
  ],
  [
    "distill",
    () => run({ student: model, totalSteps: 3, optimizer, rows: [row], batchSize: 1, objective }),
    "the objective needs a teacher, which is not given",
  ],
  [
    "distill",
    () => run({ student: model, totalSteps: 3, optimizer, rows: [row, "text"], batchSize: 1 }),
    'current value at 1 is "text"',
  ],
  [
    "objective",
    () => untyped.objective(),
    "Cannot make an objective: its name must be a string, current value is undefined",
  ],
  ["objective", () => untyped.objective("none"), "its name must be one of amid, forward-kl"],
  [
    "divergence",
    () => untyped.divergence(),
    "Cannot make a divergence: it must be a name or an object with one, current value is undefined",
  ],
  ["combined", () => untyped.combined(), "Cannot make an objective: name must be a string, current value is absent"],
  ["combined", () => untyped.combined("mine"), "options must be an object with parts, current value is absent"],
  ["combined", () => untyped.combined("mine", {}), "Cannot make the objective mine: parts must be a list"],
  ["combined", () => untyped.combined("mine", { parts: ["kl"] }), 'current value at 0 is "kl"'],
  ["composition", () => untyped.composition(), "options must be an object with divergence and order"],
  ["composition", () => untyped.composition({ divergence: "kl" }), "order must be one of pr, qr"],
  ["composition", () => untyped.composition({ order: "pq" }), "it must be a name or an object with one"],
  ["composition", () => untyped.composition({ divergence: "kl", order: "pr", assistant: 0.5 }), "assistant must be an"],
  ["withMixture", () => untyped.withMixture("amid", {}), "objective must be an objective, as objective() makes it"],
  ["withMixture", () => untyped.withMixture(objective), "mixture must be an object, current value is absent"],
  ["TokenContext", () => new untyped.TokenContext(), "rows must be a list, current value is absent"],
  ["tempered", () => untyped.tempered(), "Cannot temper: objective must be an objective"],
  [
    "evaluate",
    () => untyped.evaluate(model, [question]),
    "Cannot evaluate: options must be an object with tokenizer, current value is absent",
  ],
  [
    "evaluate",
    () => untyped.evaluate(model, [question], {}),
    "tokenizer must be a tokenizer, as loadTokenizer() returns it, current value is absent",
  ],
  [
    "evaluate",
    () => untyped.evaluate(model, [{ prompt: "a", response: "b" }], { tokenizer }),
    "each element of rows must be an object with prompt, a string, and outputs, a list of strings, current value at 0 is an object with prompt, response",
  ],
  [
    "evaluate",
    () => untyped.evaluate(model, "rows", { tokenizer }),
    'rows must be a list, each element an object with prompt, a string, and outputs, a list of strings, current value is "rows"',
  ],
  [
    "answerRows",
    () => untyped.answerRows(model, [question], { tokenizer }).next(),
    "Cannot answer: seed must be a number, current value is absent",
  ],
  [
    "scoreAnswers",
    () => untyped.scoreAnswers([question]),
    "answers must be a list, each element a string, current value is absent",
  ],
  [
    "scoreAnswers",
    () => untyped.scoreAnswers([question, question], ["a"]),
    "one for each of 2 rows is needed, current count is 1",
  ],
  [
    "rougeL",
    () => untyped.rougeL("a", "b"),
    'Cannot score by ROUGE-L: references must be a list, each element a string, current value is "b"',
  ],
  ["rougeL", () => untyped.rougeL(undefined, ["b"]), "prediction must be a string, current value is absent"],
  [
    "exactMatch",
    () => untyped.exactMatch("a"),
    "Cannot judge an exact match: references must be a list, each element a string, current value is absent",
  ],
  [
    "maskedMean",
    () => untyped.maskedMean([1], [1]),
    "Cannot take the masked mean: perToken must be a tensor, as tf.tensor() makes it, current value is a list that starts with 1",
  ],
  [
    "alphaMixture",
    () => untyped.alphaMixture([0], [0]),
    "Cannot mix: options must be an object with alpha and lambda, current value is absent",
  ],
  ["alphaMixture", () => untyped.alphaMixture([0], [0], { alpha: 1, lambda: 0.5 }), "teacherLogProbs must be a tensor"],
  ["kl", () => untyped.kl([1]), "Cannot compute the divergence kl: x must be a tensor"],
  [
    "gapMeasures",
    () => untyped.gapMeasures(),
    "Cannot compare logits: logits must be an object with student and teacher",
  ],
  [
    "studentResponses",
    () => untyped.studentResponses(model, [row], {}),
    "Cannot let the model answer: seed must be a number, current value is absent",
  ],
  ["validationLoss", () => untyped.validationLoss(model, ["text"]), 'current value at 0 is "text"'],
  [
    "logits",
    () => untypedModel.logits([[1]]),
    "Cannot compute logits: inputs must be an object with inputIds, current value is a list",
  ],
  [
    "logits",
    () => untypedModel.logits({ inputIds: [1, 2] }),
    "each element of inputIds must be a list of token ids, as tokenizer.encode(text) returns it, current value at 0 is 1",
  ],
  [
    "initializeModel",
    () => untyped.initializeModel(small),
    "Cannot make a model: options must be an object with seed, current value is absent",
  ],
  [
    "initializeModel",
    () => untyped.initializeModel("gpt2", { seed: 1 }),
    'json must be an object, current value is "gpt2"',
  ],
  [
    "loadModel",
    () => untyped.loadModel(),
    "Cannot load a model: a folder or the name of a repository is needed, current value is undefined",
  ],
  [
    "loadTokenizer",
    () => untyped.loadTokenizer(),
    "Cannot load a tokenizer: a folder or the name of a repository is needed",
  ],
  [
    "saveModel",
    () => untyped.saveModel(model),
    "Cannot save a model: folder must be a string, current value is absent",
  ],
  ["saveAdaptedModel", () => untyped.saveAdaptedModel(), "Cannot save a model: model must be a model"],
  ["saveLora", () => untyped.saveLora(model), "Cannot save adapters: folder must be a string"],
  ["loadLora", () => untyped.loadLora(model), "Cannot load adapters: folder must be a string"],
  ["addLora", () => untyped.addLora(), "Cannot adapt the model: model must be a model"],
  ["addLora", () => untyped.addLora(model, { targets: "c_attn" }), 'targets must be a list, current value is "c_attn"'],
  ["mergeLora", () => untyped.mergeLora(), "Cannot merge adapters: model must be a model"],
  ["useEngine", () => untyped.useEngine("cuda"), "Cannot use an engine: its name must be one of auto, torch"],
  [
    "readInstructions",
    () => untyped.readInstructions(),
    "Cannot read instructions: path must be a string, current value is absent",
  ],
  [
    "parseInstructions",
    () => untyped.parseInstructions(),
    "Cannot read instructions: text must be a string, current value is absent",
  ],
  [
    "readTextRows",
    () => untyped.readTextRows("README.md"),
    "Cannot cut text into rows: options must be an object with tokenizer and length, current value is absent",
  ],
  ["textRows", () => untyped.textRows(["a"], { length: 8 }), "tokenizer must be a tokenizer"],
  ["corpusRows", () => untyped.corpusRows([question]), "Cannot make rows: tokenizer must be a tokenizer"],
  [
    "loadCorpus",
    () => untyped.loadCorpus("wordnet"),
    "Cannot load a corpus: options must be an object with counts and seed, current value is absent",
  ],
  [
    "readEvaluationSet",
    () => untyped.readEvaluationSet("README.md"),
    "Cannot read a test set: options must be an object with name",
  ],
  [
    "renderPrompt",
    () => untyped.renderPrompt({ prompt: "a" }),
    "Cannot render a prompt: options must be an object with tokenizer",
  ],
  [
    "alpacaPrompt",
    () => untyped.alpacaPrompt({}),
    "Cannot make a prompt: instruction must be a string, current value is absent",
  ],
  [
    "batches",
    () => untyped.batches([row]).next(),
    "Cannot make batches: options must be an object with batchSize and seed, current value is absent",
  ],
  ["prepareData", () => untyped.prepareData({}), "Cannot prepare data: name must be a string, current value is absent"],
  [
    "estimateMemory",
    () => untyped.estimateMemory({}),
    "Cannot estimate memory: student must be an object, current value is absent",
  ],
  ["runMemory", () => untyped.runMemory({}), "Cannot estimate memory: student must be a model"],
  [
    "checkTokenizers",
    () => untyped.checkTokenizers(tokenizer),
    "Cannot compare tokenizers: teacher must be an object, current value is absent",
  ],
  ["endTokensOf", () => untyped.endTokensOf({ model }), "Cannot find the end tokens: tokenizer must be a tokenizer"],
  [
    "answerText",
    () => untyped.answerText([1]),
    "Cannot decode an answer: options must be an object with tokenizer and endTokens",
  ],
  [
    "fitPrompt",
    () => untyped.fitPrompt(tokenizer, "a"),
    "Cannot fit a prompt: options must be an object with maxLength",
  ],
  ["cached", () => untyped.cached(), "Cannot keep states: teacher must be a model"],
  ["localTeacher", () => untyped.localTeacher(), "Cannot teach: model must be a model"],
  [
    "trainBpe",
    () => untyped.trainBpe(["a"]),
    "Cannot train a vocabulary: options must be an object with vocabularySize",
  ],
  [
    "randomStream",
    () => untyped.randomStream(),
    "Cannot draw at random: the seed must be a whole number of magnitude at most 2^53 − 1, current value is undefined",
  ],
  [
    "encode",
    () => untyped.tokenizerOf(undefined),
    "Cannot make a tokenizer: texts must be an object with tokenizer and config",
  ],
  [
    "encode",
    () => untypedTokenizer.encode(["a"]),
    'Cannot encode: text must be a string, current value is a list that starts with "a"',
  ],
  ["decode", () => untypedTokenizer.decode("a"), 'Cannot decode: ids must be a list, current value is "a"'],
  [
    "save",
    () => untypedTokenizer.save(),
    "Cannot save the tokenizer: folder must be a string, current value is absent",
  ],
  [
    "constantAnswers",
    () => untyped.constantAnswers([question], {}),
    "Cannot find constant answers: score must be a function, current value is absent",
  ],
  [
    "nextTokens",
    () => untyped.nextTokens({ teacher: model }, [row]),
    "Cannot compare next tokens: student must be a model",
  ],
  [
    "downloadRepository",
    () => untyped.downloadRepository(),
    "Cannot load a repository: repository must be a name like org/name, current value is absent",
  ],
  [
    "countCutPrompts",
    () => untyped.countCutPrompts([question], {}),
    "Cannot count long prompts: tokenizer must be a tokenizer",
  ],
  [
    "describeObjective",
    () => untyped.describeObjective({}),
    "Cannot describe an objective: objective must be an objective, as objective() makes it, current value is an empty object",
  ],
  [
    "objectiveFromRecipe",
    () => untyped.objectiveFromRecipe(),
    "Cannot make an objective: recipe must be an object with name and options",
  ],
  [
    "describeModel",
    () => untyped.describeModel(),
    "Cannot describe a model: json must be an object, current value is absent",
  ],
  ["trainingRunFigure", () => untyped.trainingRunFigure(), "Cannot draw a run: run must be an object with totalSteps"],
  [
    "trainingLossFigure",
    () => untyped.trainingLossFigure(),
    "Cannot draw the training loss: points must be a list, current value is absent",
  ],
  [
    "followLive",
    () => untyped.followLive({ student: model }),
    "Cannot follow a run: run must be a run, as distill() returns it, current value is an object with student",
  ],
  [
    "recordRun",
    () => untyped.recordRun(untyped.distill({}), []),
    "Cannot record a run: start must be a function that starts a run, as in (hooks) => distill({ …, ...hooks })",
  ],
  [
    "recordRun",
    () => untyped.recordRun(untyped.distill, [{ name: "a" }]),
    "Cannot record a run: each element of recorders must be a recorder, an object with name and event()",
  ],
  [
    "trainRun",
    () => untyped.trainRun({ rows: [] }),
    "Cannot train: models must be an object with student and tokenizer",
  ],
  [
    "trainRun",
    () => untyped.trainRun({ models: { student: model, tokenizer }, data: { rows: [] }, training: {}, recording: {} }),
    "Cannot train: folder must be a string, current value is absent",
  ],
  ["jsonLines", () => untyped.jsonLines(), "Cannot write JSON lines: path must be a string, current value is absent"],
  ["tensorBoard", () => untyped.tensorBoard(), "Cannot write for TensorBoard: folder must be a string"],
  [
    "openTokenStore",
    () => untyped.openTokenStore(),
    "Cannot open a token store: path must be a string, current value is absent",
  ],
];

for (const name of new Set(calls.map(([name]) => name))) {
  Deno.test(`${name}() reports which argument is missing or of another kind`, async () => {
    for (const [, call, message] of calls.filter(([other]) => other === name)) {
      let error: unknown;
      try {
        await call();
      } catch (thrown) {
        error = thrown;
      }
      assert(error instanceof TypeError || error instanceof RangeError, `${message}: ${error}`);
      assert(
        error.message.startsWith("Cannot ") && error.message.includes(message),
        `${error.message} lacks ${message}`,
      );
    }
  });
}

/** Parts that the functions of their own room call, or that are called for each word or step. */
const inner = [
  "encodeTokenStore",
  "hashText",
  "LanguageModel",
  "logRest",
  "Optimizer",
  "placeOf",
  "porterStem",
  "saveFailedStep",
  "SettingsSchedule",
];

/** What an engine of JavaScript says of a value that is not there. */
const RAW =
  /properties of|is not a function|is not iterable|Cannot destructure|Cannot convert|"path" argument|Cannot use 'in'/;

const rooms = Object.keys(entries).filter((name) => !/analysis|distributed|figures|notebooks|planning/.test(name));
for (const room of rooms) {
  Deno.test(`no function of ${room} leaves it to the engine to say that all arguments are missing`, async () => {
    const functions = Object.entries(await import(`../../${entries[room]}`)).filter(([name, value]) =>
      typeof value === "function" && !inner.includes(name)
    ) as [string, (...args: unknown[]) => unknown][];
    assert(functions.length > 2, `${functions.length} functions`);
    for (const [name, value] of functions) {
      try {
        const isClass = /^class /.test(Function.prototype.toString.call(value));
        const result = await (isClass ? Reflect.construct(value, []) : value()) as Partial<AsyncIterator<unknown>>;
        await result?.next?.();
      } catch (error) {
        assert(!RAW.test((error as Error).message), `${name}: ${(error as Error).message}`);
      }
    }
  });
}
