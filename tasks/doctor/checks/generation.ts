/**
 * Generation: the tokens of the reference engine, alone or together.
 *
 * @module
 */
import { useEngine } from "../../../lib/engines/mod.ts";
import { generate } from "../../../lib/models/generation/generate.ts";
import { type Case, type Check, notOk, ok, type Place, precisionsOf } from "../check.ts";
import { start } from "../engine.ts";
import { smallModel, VOCABULARY } from "../small.ts";

const prompts = [3, 11, 7, 3, 5].map((length, row) =>
  Array.from({ length }, (_, place) => (row * 31 + place * 17) % VOCABULARY)
);
const greedy = { maxNewTokens: 20, temperature: 0, stopTokens: [] };
const drawn = { maxNewTokens: 20, temperature: 0.8, topP: 0.95, seed: 5, stopTokens: [] };

async function answers(options: typeof greedy | typeof drawn, given = prompts): Promise<string> {
  const model = smallModel(3);
  try {
    return JSON.stringify(await generate(model, given, options));
  } finally {
    model.dispose();
  }
}

const tokens = prompts.length * greedy.maxNewTokens;

function likeReference(name: string, options: typeof greedy | typeof drawn, place: Place): Case {
  return {
    name,
    async run() {
      await useEngine("cpu");
      const wanted = await answers(options);
      await start(place);
      const found = await answers(options);
      return found === wanted ? ok(`${tokens} tokens`) : notOk(`the tokens are ${found}, not ${wanted}`);
    },
  };
}

/** Generation. */
export const generation: Check = {
  name: "generation",
  group: "Models",
  about: "answers, greedy and drawn, are the reference engine's, and do not depend on the other prompts",
  seconds: 60,
  cases: (place) => [
    likeReference("greedy", greedy, place),
    likeReference("drawn, with a seed", drawn, place),
    {
      name: "one prompt at a time",
      async run() {
        await start(place);
        const together = JSON.parse(await answers(greedy));
        const alone: unknown[] = [];
        for (const prompt of prompts) alone.push(...JSON.parse(await answers(greedy, [prompt])));
        return JSON.stringify(alone) === JSON.stringify(together)
          ? ok(`${tokens} tokens`)
          : notOk("a prompt is answered differently alone");
      },
    },
    ...precisionsOf(place).slice(1).map((precision): Case => ({
      name: `twice in ${precision}`,
      async run() {
        await start(place, precision);
        const [first, second] = [await answers(drawn), await answers(drawn)];
        return first === second ? ok(`${tokens} tokens`) : notOk("the second answers differ from the first");
      },
    })),
  ],
};
