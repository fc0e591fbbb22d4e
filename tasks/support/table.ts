/**
 * Tables for a terminal.
 *
 * @module
 */

/** A cell: a text, left-aligned, or a number, right-aligned with the table's decimals; nothing is shown as a dash. */
export type Cell = string | number | undefined;

/** Options for {@linkcode formatTable}. */
export interface FormatTableOptions {
  /**
   * Decimals of the numbers that are not whole.
   *
   * @default {2}
   */
  decimals?: number;
}

/**
 * Lays out rows under a head, columns two spaces apart.
 *
 * @param rows The rows, the head first; all of one length.
 * @returns The lines, joined, without a newline at the end.
 * @throws {RangeError} If a row's length is not the head's.
 */
export function formatTable(rows: readonly (readonly Cell[])[], options: FormatTableOptions = {}): string {
  const { decimals = 2 } = options;
  const columns = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== columns);
  if (odd >= 0) {
    throw new RangeError(
      `Cannot lay out row ${odd}: ${columns} cells are needed, current count is ${rows[odd].length}`,
    );
  }
  const texts = rows.map((row) => row.map((cell) => cellText(cell, decimals)));
  const indices = [...Array(columns).keys()];
  const widths = indices.map((j) => Math.max(...texts.map((row) => row[j].length)));
  const right = indices.map((j) => rows.slice(1).some((row) => typeof row[j] === "number"));
  const lines = texts.map((row) => row.map((text, j) => right[j] ? text.padStart(widths[j]) : text.padEnd(widths[j])));
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)));
  return lines.map((line) => line.join("  ").trimEnd()).join("\n");
}

function cellText(cell: Cell, decimals: number): string {
  if (cell === undefined) return "–";
  if (typeof cell === "string" || Number.isInteger(cell)) return String(cell);
  return cell.toFixed(decimals);
}
