/**
 * Notebooks as files: what is kept of their outputs.
 *
 * @module
 */

/** An output of a cell, as far as it matters here. */
export interface NotebookOutput {
  /** `display_data`, `execute_result`, `stream` or `error`. */
  output_type: string;
  /** What is shown, by kind of content. */
  data?: Record<string, unknown>;
  /** Anything else. */
  [key: string]: unknown;
}

/** A cell. */
export interface NotebookCell {
  /** `code`, `markdown` or `raw`. */
  cell_type: string;
  /** Its lines, or its text. */
  source: string | string[];
  /** What it showed; of code only. */
  outputs?: NotebookOutput[];
  /** When it was run; of code only. */
  execution_count?: number | null;
  /** Anything else. */
  [key: string]: unknown;
}

/** A notebook of Jupyter's format 4. */
export interface Notebook {
  /** Its cells. */
  cells: NotebookCell[];
  /** Anything else. */
  [key: string]: unknown;
}

/**
 * Reads a notebook.
 *
 * @param text The file's text.
 * @param path Its name, for errors.
 * @returns The notebook.
 * @throws {SyntaxError} If it is no notebook; the message names the file.
 */
export function parseNotebook(text: string, path: string): Notebook {
  let notebook: unknown;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot read ${path}: JSON is needed, ${(cause as Error).message}`, { cause });
  }
  const cells = (notebook as Notebook | null)?.cells;
  if (!Array.isArray(cells) || !cells.every((cell) => typeof cell?.cell_type === "string")) {
    throw new SyntaxError(`Cannot read ${path}: a notebook with a list of cells is needed`);
  }
  return notebook as Notebook;
}

/** Writes a notebook as Jupyter does. */
export function formatNotebook(notebook: Notebook): string {
  return JSON.stringify(notebook, null, 1) + "\n";
}

/**
 * Takes the outputs out of a notebook.
 *
 * @param notebook The notebook; it is left as it is.
 * @returns The notebook as if it had never been run.
 */
export function clearOutputs(notebook: Notebook): Notebook {
  const clear = (cell: NotebookCell): NotebookCell =>
    cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell;
  return { ...notebook, cells: notebook.cells.map(clear) };
}

/**
 * Makes the outputs of a notebook fit to be kept: figures stay as SVG, which places that run no program show too, and
 * plotly.js and the interactive figures go, which weigh megabytes and come again when the notebook is run.
 *
 * @param notebook The notebook; it is left as it is.
 * @returns The notebook with lighter outputs.
 *
 * @example A figure stays as its picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { slimOutputs } from "@amid/amid/notebooks";
 *
 * const data = { "text/html": "<script>…</script>", "image/svg+xml": "<svg/>", "text/plain": "figure" };
 * const outputs = [{ output_type: "display_data", data }];
 * const slim = slimOutputs({ cells: [{ cell_type: "code", source: "", outputs }] });
 * assert.deepEqual(Object.keys(slim.cells[0].outputs![0].data!), ["image/svg+xml", "text/plain"]);
 * ```
 */
export function slimOutputs(notebook: Notebook): Notebook {
  const slim = (cell: NotebookCell): NotebookCell => {
    if (!cell.outputs) return cell;
    const outputs = cell.outputs.filter(({ data }) => textOf(data?.["text/plain"]) !== "plotly.js");
    return { ...cell, outputs: joinStreams(outputs.map(withoutProgram)) };
  };
  return { ...notebook, cells: notebook.cells.map(slim) };
}

/** Files have texts as lists of lines. */
const textOf = (text: unknown): string => Array.isArray(text) ? text.join("") : String(text);

function withoutProgram(output: NotebookOutput): NotebookOutput {
  if (!output.data || !("image/svg+xml" in output.data)) return output;
  const { "text/html": _, ...data } = output.data;
  return { ...output, data };
}

/** The kernel sends each printed line for itself; Jupyter keeps them as one. */
function joinStreams(outputs: readonly NotebookOutput[]): NotebookOutput[] {
  const joined: NotebookOutput[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    const continues = output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name;
    if (continues) joined[joined.length - 1] = { ...last, text: textOf(last.text) + textOf(output.text) };
    else joined.push(output);
  }
  return joined;
}
