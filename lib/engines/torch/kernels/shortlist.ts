/**
 * The tokens that may be drawn, where not all may be.
 *
 * Shapes: `B` rows, `V` vocabulary, `n` candidates.
 *
 * @module
 */
import type { ChoiceAttributes } from "../../../kernels/choice_attributes.ts";
import type { TorchBackend } from "../backend.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** Logits of float32 `[B, V]` and the largest of each row, `[B, 1]`. */
interface Logits {
  handle: Handle;
  largest: Handle;
  rows: number;
  width: number;
}

/** Candidates, the most probable first. */
interface Shortlist {
  /** int64 `[B, n]`. */
  tokens: Handle;
  /** float64 `[B, n]`: 0 for those that may not be drawn. */
  weights: Handle;
  width: number;
}

/** The fewest candidates that are looked at, and how many times more where they do not suffice. */
const FEWEST = 256, MORE = 8;

/**
 * The tokens that topK, topP and minP leave, each applied to what the previous one left; of equally probable tokens the
 * lower ids come first. Whether enough candidates were looked at is one number that is read back.
 */
export function shortlisted(backend: TorchBackend, logits: Logits, attrs: ChoiceAttributes): Shortlist {
  const { torch } = backend;
  const { topK, topP, temperature } = attrs;
  const most = topK > 0 ? Math.min(topK, logits.width) : logits.width;
  const needsTotal = topP < 1 && most === logits.width;
  const total = needsTotal
    ? torch.call("sum", weightsOf(torch, { ...logits, temperature }), [1], true, dtypes.float64)
    : undefined;
  const first = topK > 0 ? most + Math.max(16, most >> 2) : FEWEST;
  for (let count = Math.min(first, logits.width);; count = Math.min(count * MORE, logits.width)) {
    const { list, settled } = candidates(backend, logits, { ...attrs, count, most, total });
    if (settled) return list;
  }
}

/** `exp((x − largest) / temperature)`. */
export function weightsOf(
  torch: Torch,
  { handle, largest, temperature }: { handle: Handle; largest: Handle; temperature: number },
): Handle {
  return torch.call("expInPlace", torch.multiplyScalar(torch.subtract(handle, largest), 1 / temperature));
}

/** What the candidates are chosen by. */
interface Choice extends ChoiceAttributes {
  count: number;
  most: number;
  total: Handle | undefined;
}

function candidates(backend: TorchBackend, logits: Logits, choice: Choice): { list: Shortlist; settled: boolean } {
  const { torch } = backend;
  const { rows, width } = logits;
  const { count, most } = choice;
  const { values, tokens } = ordered(torch, logits, count);
  const weights = torch.call(
    "expInPlace",
    torch.multiplyScalar(
      torch.subtract(torch.cast(values, dtypes.float64), torch.cast(logits.largest, dtypes.float64)),
      1 / choice.temperature,
    ),
  );
  const kept = keptOf(torch, weights, { ...choice, rows });
  const list = { tokens, weights: torch.call("multiply", weights, torch.cast(kept, dtypes.float64)), width: count };
  if (count === width || most === 0) return { list, settled: true };
  // A token outside may be as probable as the last candidate, and have a lower id than one that is kept.
  const last = torch.view(values, [rows, 1], [count, 1], count - 1);
  const doubtful = torch.call("logicalAnd", kept, torch.call("equal", values, last));
  const answer = new Uint8Array(1);
  backend.download(torch.call("any", doubtful, [0, 1], false), [], answer, dtypes.uint8);
  return { list, settled: answer[0] === 0 };
}

/** The most probable tokens in order, equal ones by their ids. */
function ordered(torch: Torch, { handle }: Logits, count: number): { values: Handle; tokens: Handle } {
  const [numbers, places] = torch.callAll("topk", handle, count, 1, true, false);
  const [byId, order] = torch.callAll("sort", places, true, 1, false);
  const [values, rank] = torch.callAll("sort", torch.call("gather", numbers, 1, order, false), true, 1, true);
  return { values, tokens: torch.call("gather", byId, 1, rank, false) };
}

/** Which candidates may be drawn: bool `[B, n]`. */
function keptOf(torch: Torch, weights: Handle, choice: Choice & { rows: number }): Handle {
  const { topP, minP, most, count, rows } = choice;
  let allowed = torch.call("greaterEqual", weights, torch.full([1], minP, dtypes.float64));
  let counted = weights;
  if (most < count) {
    const whole = torch.full([1, count], 1, dtypes.float64);
    torch.copy(torch.view(whole, [1, count - most], [count, 1], most), torch.full([1], 0, dtypes.float64));
    counted = torch.call("multiply", weights, whole);
    allowed = torch.call("logicalAnd", allowed, torch.cast(whole, dtypes.bool));
  }
  if (topP === 1) return allowed;
  const sums = torch.contiguous(torch.call("cumsum", counted, 1, dtypes.float64));
  const total = choice.total ?? torch.view(sums, [rows, 1], [count, 1], count - 1);
  const before = torch.subtract(sums, counted);
  return torch.call("logicalAnd", allowed, torch.call("less", before, torch.multiplyScalar(total, topP)));
}
