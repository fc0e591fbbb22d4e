import { readShape } from "../../lib/datasets/row_shapes.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assert, assertEquals } from "../support/mod.ts";

const user = { role: "user", content: "Name a wader." };
const assistant = { role: "assistant", content: "heron" };
const system = { role: "system", content: "Be brief." };

const chat = {
  instruction: "Name a wader.",
  input: "",
  outputs: ["heron"],
  form: "chat" as const,
  prompt: alpacaPrompt({ instruction: "Name a wader." }),
};
const briefly = { ...chat, system: "Be brief.", prompt: alpacaPrompt({ instruction: "Be brief.\n\nName a wader." }) };
const asked = (input = "", outputs = ["heron"]) => ({
  instruction: "Name a wader.",
  input,
  outputs,
  prompt: alpacaPrompt({ instruction: "Name a wader.", input }),
});
const given = (prompt: string, outputs: string[]) => ({
  instruction: prompt,
  input: "",
  outputs,
  prompt,
  form: "prompt",
});

const shapes: [row: object, expected: object][] = [
  [{ messages: [user, assistant] }, chat],
  [{ messages: [system, user, assistant], source: "x", id: 12345678901234567890 }, briefly],
  [{ messages: [{ role: "developer", content: "Be brief." }, user, assistant] }, briefly],
  [{ messages: [user, assistant], system: "Be brief." }, briefly],
  [{
    messages: [
      { role: "user", content: [{ type: "text", text: "Name " }, { type: "text", text: "a wader." }] },
      assistant,
    ],
  }, chat],
  [{ conversations: [{ from: "human", value: "Name a wader." }, { from: "gpt", value: "heron" }] }, chat],
  [{
    conversations: [{ from: "system", value: "Be brief." }, { from: "human", value: "Name a wader." }, {
      from: "gpt",
      value: "heron",
    }],
  }, briefly],
  [{ prompt: [user], completion: [assistant] }, chat],
  [{ prompt: [system, user], completion: [assistant] }, briefly],
  [{ prompt: [user], completion: "heron" }, chat],
  [{ prompt: "A wader is the", completion: " heron" }, given("A wader is the", [" heron"])],
  [{ prompt: "A wader is the", response: ["heron", "stork"] }, given("A wader is the", ["heron", "stork"])],
  [{ prompt: "A wader is the", output: "heron" }, given("A wader is the", ["heron"])],
  [{ question: "Name a wader.", answer: "heron" }, asked()],
  [{ input: "Name a wader.", output: "heron" }, asked()],
  [{ instruction: " ", input: "Name a wader.", output: "heron" }, asked()],
  [{ question: "Name a wader.", context: "Grey.", answer: "heron" }, asked("Grey.")],
  [{ instruction: "Name a wader.", input: null, output: "heron" }, asked()],
  [
    { instruction: "Name a wader.", input: "Grey.", output: ["heron", "", "stork"] },
    asked("Grey.", ["heron", "stork"]),
  ],
  [{ instruction: "Name a wader.", context: "Grey.", response: "heron", category: "closed_qa" }, asked("Grey.")],
  [{ instruction: "Name a wader.", output: "heron", prompt: null, kind: null, history: [] }, asked()],
  [{ instruction: "Name a wader.", output: "heron", prompt: "own" }, { ...asked(), prompt: "own" }],
  [{ instruction: "Name a wader.", output: "heron", text: "all of it" }, asked()],
  [{ instruction: "Name a wader.", output: "heron", system: "Be brief." }, { ...briefly, form: undefined }],
  [{ question: "Name a wader.", response: "heron", system_prompt: "" }, asked()],
  [{ instruction: "Name a wader.", output: "" }, asked("", [""])],
  [{ text: "The heron wades.", meta: {} }, {
    instruction: "",
    input: "",
    outputs: ["The heron wades."],
    prompt: "",
    form: "text",
  }],
];

Deno.test("readShape() reads every shape that rows have", () => {
  for (const [row, expected] of shapes) {
    const wanted = Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined));
    assertEquals(readShape(row), wanted, JSON.stringify(row));
  }
});

const refused: [row: unknown, parts: string[]][] = [
  [{ messages: [user, assistant, user, assistant] }, ["messages has 2 turns, only conversations of one turn"]],
  [{ messages: [user] }, ["messages must end with an assistant message"]],
  [{ messages: [assistant, user] }, ["the current order is assistant, user"]],
  [{ messages: [{ role: "tool", content: "1" }, assistant] }, ['messages[0] has the role "tool"']],
  [{ messages: [{ role: "user", content: [{ type: "image_url" }] }, assistant] }, [
    'messages[0] must have a string as its "content"',
  ]],
  [{ messages: "hello" }, ["messages must be a list of messages, it is a string"]],
  [{ messages: [] }, ["messages must be a list of messages, it is an empty list"]],
  [{ messages: [{ role: "user", content: "a" }, 5] }, [
    "messages must be a list of messages, its element 1 is a number",
  ]],
  [{ messages: [{ role: "user", content: [{ type: "text", text: "a" }, { type: "image_url" }] }, assistant] }, [
    'messages[0] must have a string as its "content" (or "value"), it has a part of the type "image_url", parts of text ' +
    "alone are supported",
  ]],
  [{ messages: [{ role: "user", content: [{ text: null }] }, assistant] }, [
    'it has a part without text, {"text":null}',
  ]],
  [{ messages: [{ content: "a" }, assistant] }, ['messages[0] must have a "role" (or "from"), it has content']],
  [{ prompt: [user, assistant, user], completion: [assistant] }, ["prompt has 2 turns"]],
  [{ instruction: "A?", output: "b", history: [["c", "d"]] }, ["history has 1 earlier turns"]],
  [{ instruction: "A?", input: 3, output: "b" }, ["input must be text, current value is 3"]],
  [{ instruction: "A?", output: 42 }, ["output must be a string or a list of strings", "current value is 42"]],
  [{ instruction: "A?", output: { a: 1 } }, ['current value is {"a":1}']],
  [{ instruction: " ", output: "b" }, ["its prompt must not be empty"]],
  [{ text: " " }, ["its text must not be empty"]],
  [{ instruction: "A?", respones: "b" }, ['no answer to its "instruction"', 'did you mean "response" by "respones"?']],
  [{ Instruction: "A?", output: "b" }, ['no question to its "output"', 'did you mean "instruction" by "Instruction"?']],
  [{ qestion: "A?", anwser: "b" }, [
    "no question and no answer",
    'its keys are "qestion", "anwser"',
    'did you mean "question"',
  ]],
  [{ data: [{ question: "A?", answer: "b" }] }, [
    'are the rows in "data"? Only a list of the rows themselves can be read',
  ]],
  [{}, ["it is empty", '{"messages": [{"role": "user"', '{"question": ', '{"text": ']],
  ["text", ['it must be a JSON object, current value is "text"']],
];

Deno.test("readShape() reports what is wrong with a row, which key was meant, and what rows look like", () => {
  for (const [row, parts] of refused) {
    const message = readShape(row);
    assert(typeof message === "string", JSON.stringify(row));
    for (const part of parts) assert(message.includes(part), `${message} does not include ${part}`);
  }
});

Deno.test("readShape() takes the names that a file has for its parts, and names them where they are absent", () => {
  const names = { instruction: "ask", input: "about", output: "say" };
  assertEquals(readShape({ ask: "Name a wader.", about: "Grey.", say: "heron", output: "x" }, names), asked("Grey."));
  const message = readShape({ instruction: "A?", output: "b" }, names) as string;
  assert(message.includes('the configured keys are "ask", "about", "say"'), message);
});
