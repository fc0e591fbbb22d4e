/**
 * Tables in Markdown.
 *
 * @module
 */

/**
 * Lays out rows under a head. A bar within a cell is escaped; nothing is shown as a dash.
 *
 * @param head The columns' names; all but the first are aligned right.
 * @param rows The rows.
 * @throws {RangeError} If a row's length is not the head's.
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  for (const row of rows) {
    if (row.length === head.length) continue;
    throw new RangeError(`Cannot lay out a row: ${head.length} cells are needed, current count is ${row.length}`);
  }
  const line = (cells: readonly (string | undefined)[]) =>
    `| ${cells.map((cell) => (cell ?? "–").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map((_, at) => at === 0 ? " --- |" : " ---: |").join("")}`, ...rows.map(line)].join(
    "\n",
  );
}
