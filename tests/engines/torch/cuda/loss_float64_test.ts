/** The loss kernel, run on the processor, against its formulas in double precision. */
import { testWithCompiler } from "../../../support/compiler.ts";
import { assert } from "../../../support/mod.ts";
import { onHost } from "./host_kernel.ts";
import { lossCases, lossError, lowCases, wideCases } from "./loss_cases.ts";

const groups = { lossCases, wideCases, lowCases };

for (const [name, cases] of Object.entries(groups)) {
  const results = onHost(cases);
  testWithCompiler(`The loss kernel has the losses and gradients of double precision: ${name}`, async () => {
    (await results()).forEach((result, i) => {
      const error = lossError(cases[i], result);
      const { specification, vocabulary, elements } = cases[i];
      assert(error <= 1, `${JSON.stringify({ ...specification, vocabulary, elements })}: ${error} of what is allowed`);
    });
  });
}
