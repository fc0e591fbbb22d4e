import { chatTemplate } from "../../../lib/text/chat_template.ts";
import type { ChatMessage } from "../../../lib/text/chat_message.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { testWithPython } from "../../support/python.ts";
import { CONVERSATIONS, FAMILIES, SETTINGS } from "./families.ts";
import { applied, type ChatCase, NOW } from "./reference.ts";

const tokens = { bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" };

testWithPython(
  ["transformers", "jinja2"],
  "render() returns what transformers gives, for templates of the families in use, with tools, documents and thoughts",
  async (t) => {
    const all = Object.entries(FAMILIES).flatMap(([family, template]) =>
      Object.entries(CONVERSATIONS).flatMap(([name, messages]) =>
        SETTINGS.map((setting, index) => ({ ...setting, template, messages, title: `${family}, ${name}, ${index}` }))
      )
    );
    const expected = await applied(all.map(({ title: _, ...one }): ChatCase => one), tokens);
    let texts = 0;
    for (const [index, { template, messages, add, tools, documents, variables, title }] of all.entries()) {
      let ours: { text?: string; message?: string };
      try {
        const { render } = chatTemplate(template, { name: "x", tokens, now: NOW });
        const options = { addGenerationPrompt: add, tools, documents, variables };
        ours = { text: render(messages as ChatMessage[], options) };
      } catch (error) {
        const { message } = error as Error;
        ours = { message: message.replace(/^Cannot render the chat template of x: | \(line \d+\)$/g, "") };
      }
      const { text, message } = expected[index];
      assertEquals(ours, text === undefined ? { message } : { text }, title);
      if (text !== undefined) texts++;
    }
    await t.step(
      `${all.length} conversations, ${texts} of them texts, in ${Object.keys(FAMILIES).length} templates`,
      () => {
        assert(texts > all.length / 2);
      },
    );
  },
);
