/**
 * Tables of scores as Markdown, CSV and HTML.
 *
 * @module
 */
import { checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { escapeHtml } from "../html/html.ts";
import type { Metric, ScoreCell, ScoreTable } from "./score_table.ts";

const TITLES: Record<Metric, string> = { rougeL: "ROUGE-L", exactMatch: "Exact match" };

const AVERAGE = "average";

const numbers = ({ mean, deviation }: ScoreCell): string => `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;

function caption({ metric, seeds }: ScoreTable): string {
  const over = seeds.length === 1 ? `seed ${seeds[0]}` : `mean ± standard deviation over seeds ${seeds.join(", ")}`;
  return `${TITLES[metric]}, in points of 100, ${over}`;
}

const aTable = objectWith("metric", "sets", "seeds", "lines");

/** Whether the best cells are marked: only if there is something to compare with. */
const contested = ({ lines }: ScoreTable): boolean => lines.length > 1;

/**
 * Writes tables as Markdown; the best mean of a column is bold.
 *
 * @param tables The tables, one below the other.
 * @returns Lines that end with a newline.
 */
export function scoresAsMarkdown(tables: readonly ScoreTable[]): string {
  checkList("write scores", { tables }, aTable);
  const plain = (text: string) => text.replace(/[\\|*_`<>[\]]/g, (sign) => `\\${sign}`).replace(/\s+/g, " ");
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return tables.map((table) => {
    const { sets, lines } = table;
    const bold = (cell: ScoreCell) => cell.best && contested(table) ? `**${numbers(cell)}**` : numbers(cell);
    return [
      `${caption(table)}.`,
      "",
      row(["model", ...sets.map(plain), AVERAGE]),
      row(["---", ...sets.map(() => "---:"), "---:"]),
      ...lines.map(({ model, cells }) => row([plain(model), ...cells.map(bold)])),
    ].join("\n") + "\n";
  }).join("\n");
}

/**
 * Writes tables as CSV (RFC 4180), a line per model, set and metric: `metric,model,set,mean,deviation,seeds`. Means and
 * deviations have all their digits.
 *
 * @param tables The tables, one below the other.
 * @returns Lines that end with a newline, the head first.
 */
export function scoresAsCsv(tables: readonly ScoreTable[]): string {
  checkList("write scores", { tables }, aTable);
  const field = (value: string | number) =>
    /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const lines = tables.flatMap(({ metric, sets, seeds, lines }) =>
    lines.flatMap(({ model, cells }) =>
      cells.map(({ mean, deviation }, column) => [
        metric,
        model,
        sets[column] ?? AVERAGE,
        mean,
        deviation,
        seeds.join(" "),
      ])
    )
  );
  return [["metric", "model", "set", "mean", "deviation", "seeds"], ...lines]
    .map((line) => line.map(field).join(",") + "\r\n").join("");
}

const style = `:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
caption { text-align: left; padding-bottom: .5rem; }
th, td { border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child { text-align: left; }
th { font-weight: 500; overflow-wrap: anywhere; }
td small { opacity: .7; white-space: nowrap; }
.scroll { overflow-x: auto; }
@media (max-width: 46rem) {
  table, tbody, tr, th, td { display: block; }
  thead { display: none; }
  tbody th { font-weight: 650; border: 0; padding-top: .8rem; }
  td { display: flex; justify-content: space-between; gap: 1rem; }
  td::before { content: attr(data-label); opacity: .7; text-align: left; overflow-wrap: anywhere; }
}`;

/**
 * Writes tables as a separate HTML page without scripts; the best mean of a column is bold.
 *
 * @param tables The tables, one below the other.
 * @param options The page's title.
 * @returns The page; all texts in it are escaped.
 */
export function scoresAsHtml(tables: readonly ScoreTable[], options: { title: string }): string {
  checkList("write scores", { tables }, aTable);
  checkArguments("write scores", { options: [options, objectWith("title")] });
  const { title } = options;
  const cellOf = (table: ScoreTable) => (cell: ScoreCell, column: number) => {
    const mean = cell.mean.toFixed(2);
    const shown = cell.best && contested(table) ? `<strong>${mean}</strong>` : mean;
    const name = escapeHtml(table.sets[column] ?? AVERAGE);
    return `<td data-label="${name}"><span>${shown} <small>± ${cell.deviation.toFixed(2)}</small></span></td>`;
  };
  const head = (text: string) => `<th scope="col">${escapeHtml(text)}</th>`;
  const parts = tables.map((table) => {
    const rows = table.lines.map(({ model, cells }) =>
      `<tr><th scope="row">${escapeHtml(model)}</th>${cells.map(cellOf(table)).join("")}</tr>`
    );
    const columns = ["model", ...table.sets, AVERAGE].map(head).join("");
    return `<div class="scroll"><table>\n<caption>${
      escapeHtml(caption(table))
    }</caption>\n<thead><tr>${columns}</tr></thead>\n` +
      `<tbody>\n${rows.join("\n")}\n</tbody>\n</table></div>`;
  });
  return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>${escapeHtml(title)}</title>\n` +
    `<style>\n${style}\n</style>\n</head>\n<body>\n<h1>${escapeHtml(title)}</h1>\n${
      parts.join("\n")
    }\n</body>\n</html>\n`;
}
