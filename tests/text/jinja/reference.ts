/** Python's Jinja2, set up by transformers itself, as the reference of templates. */
import { python } from "../../support/python.ts";

/** What Python gives: a text, or an error's type and words. */
export interface Answer {
  text?: string;
  error?: string;
  message?: string;
}

/** The time that both tell. */
export const NOW = new Date(2026, 2, 5, 14, 7, 9, 42);

const SETUP = `
import datetime, json, sys
import transformers.utils.chat_template_utils as utils

class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 5, 14, 7, 9, 42000)
utils.datetime = Clock

def answer(run):
    try:
        text = run()
        text.encode("utf-8")
        return {"text": text}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}

given = json.load(open(sys.argv[1]))
`;

async function run(program: string, given: unknown): Promise<Answer[]> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify(given));
    return JSON.parse(await python(SETUP + program, [file]));
  } finally {
    await Deno.remove(file);
  }
}

/** Renders templates with the same variables, all in one process. */
export const rendered = (templates: readonly string[], variables: object): Promise<Answer[]> =>
  run(
    `
print(json.dumps([answer(lambda: utils._compile_jinja_template(source).render(**json.loads(given["variables"])))
  for source in given["templates"]]))`,
    { templates, variables: JSON.stringify(variables) },
  );

/** A conversation for a template. */
export interface ChatCase {
  template: string;
  messages: object[];
  tools?: object[];
  documents?: object[];
  add: boolean;
  variables?: object;
}

/** Renders conversations by `apply_chat_template` of a tokenizer with these special tokens. */
export const applied = (cases: readonly ChatCase[], tokens: Readonly<Record<string, string>>): Promise<Answer[]> =>
  run(
    `
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0, "b": 1}, "a")), **given["tokens"])
print(json.dumps([answer(lambda: tokenizer.apply_chat_template(case["messages"], chat_template=case["template"],
  tools=case.get("tools"), documents=case.get("documents"), add_generation_prompt=case["add"], tokenize=False,
  **case.get("variables", {}))) for case in given["cases"]]))`,
    { cases, tokens },
  );
