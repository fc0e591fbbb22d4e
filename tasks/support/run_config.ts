/**
 * What a run's own `config.json` says about its data.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile } from "../../lib/files/parse_json.ts";
import { placedValues, placeOf } from "./config_sections.ts";
import { fieldsOf } from "./field.ts";
import type { RowSettings } from "./row_fields.ts";
import { dataFields } from "./training_fields.ts";
import { UsageError } from "./usage_error.ts";

/** The settings of a run that other tasks go by. */
export interface RunConfig {
  /** Where its texts come from. */
  data: string;
  /** The folder of its tokenizer. */
  tokenizer: string;
  /** How its texts became prompts. */
  rows: Partial<RowSettings>;
}

/**
 * Reads `config.json` of a run's folder.
 *
 * @param folder The run's folder.
 * @throws {UsageError} If the folder has no config, or it is not a run's.
 */
export async function readRunConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, "config.json");
  let json: Record<string, unknown>;
  try {
    json = await readJsonFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "its config.json is missing" : (cause as Error).message;
    throw new UsageError(`Cannot use the run ${folder}: ${reason}`, { cause });
  }
  const values = new Map(placedValues(json).map(({ place, value }) => [place, value]));
  const settings = Object.fromEntries(
    fieldsOf(z.strictObject(dataFields)).map((field) => {
      // Runs of older versions have flags' names in their sections, or no sections.
      const places = [placeOf(field)!, `data.${field.key}`, field.key];
      return [field.key, values.get(places.find((place) => values.has(place)) ?? "")];
    }),
  );
  const { data, tokenizer } = settings;
  if (typeof data !== "string" || typeof tokenizer !== "string") {
    throw new UsageError(`Cannot use the run ${folder}: its config.json must name data and tokenizer`);
  }
  const { prompt, instructionField, inputField, outputField, longPrompts } = settings as Partial<RowSettings>;
  return { data, tokenizer, rows: { prompt, instructionField, inputField, outputField, longPrompts } };
}
