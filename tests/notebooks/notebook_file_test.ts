import {
  clearOutputs,
  formatNotebook,
  type Notebook,
  parseNotebook,
  slimOutputs,
} from "../../lib/notebooks/notebook_file.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const figure = { "text/html": ["<script>…", "</script>"], "image/svg+xml": ["<svg/>"], "text/plain": ["figure"] };
const notebook: Notebook = {
  cells: [
    { cell_type: "markdown", source: ["# Title"] },
    {
      cell_type: "code",
      source: ["1"],
      execution_count: 3,
      outputs: [
        { output_type: "stream", name: "stdout", text: ["a\n"] },
        { output_type: "stream", name: "stdout", text: "b\n" },
        { output_type: "stream", name: "stderr", text: ["c\n"] },
        { output_type: "display_data", metadata: {}, data: { "text/html": ["…"], "text/plain": ["plotly.js"] } },
        { output_type: "display_data", metadata: {}, data: figure },
        { output_type: "execute_result", metadata: {}, data: { "text/html": ["<b>1</b>"], "text/plain": ["1"] } },
      ],
    },
  ],
  nbformat: 4,
};

Deno.test("slimOutputs() keeps pictures and results, joins streams, drops plotly.js and interactive figures", () => {
  const outputs = slimOutputs(notebook).cells[1].outputs!;
  assertEquals(outputs.map(({ text, data }) => text ?? Object.keys(data!)), [
    "a\nb\n",
    ["c\n"],
    ["image/svg+xml", "text/plain"],
    ["text/html", "text/plain"],
  ]);
});

Deno.test("clearOutputs() leaves a notebook as if it had never been run", () => {
  const cleared = clearOutputs(notebook);
  assertEquals(cleared.cells[1], { ...notebook.cells[1], outputs: [], execution_count: null });
  assertEquals(cleared.cells[0], notebook.cells[0]);
  assertEquals(notebook.cells[1].execution_count, 3);
});

Deno.test("parseNotebook() reads what formatNotebook() writes, and names a file that is not a notebook", () => {
  assertEquals(parseNotebook(formatNotebook(notebook), "a.ipynb"), notebook);
  assertThrows(() => parseNotebook("{", "a.ipynb"), SyntaxError, "a.ipynb");
  for (const text of ["null", "[]", '{"cells": 3}', '{"cells": [null]}']) {
    assertThrows(() => parseNotebook(text, "a.ipynb"), SyntaxError, "a notebook with a list of cells is needed");
  }
});
