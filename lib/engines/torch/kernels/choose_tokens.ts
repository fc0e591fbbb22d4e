/**
 * The choice of tokens from logits, as `lib/models/generation/choose_tokens.ts` describes it.
 *
 * Shapes: `B` rows, `V` vocabulary, `n` candidates.
 *
 * @module
 */
import type { ChoiceAttributes } from "../../../kernels/choice_attributes.ts";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { shortlisted, weightsOf } from "./shortlist.ts";

/** Logits of float32, `[B, V]`. */
interface Logits {
  handle: Handle;
  rows: number;
  width: number;
}

/** Kernels that choose tokens. */
export const chooseTokensKernels: KernelGroup = {
  ChooseTokens: kernel<ChoiceAttributes>(({ inputs: { logits }, attrs, backend, torch }) => {
    const [rows, width] = logits.shape;
    const raw = { handle: torch.contiguous(torch.cast(backend.handle(logits), dtypes.float32)), rows, width };
    const adjusted = adjust(backend, raw, attrs);
    const [largest, best] = torch.callAll("maxAlong", adjusted.handle, 1, true);
    const chosen = attrs.temperature === 0 || attrs.topK === 1 ? best : draw(backend, { ...adjusted, largest }, attrs);
    const fine = torch.call("isfinite", largest);
    const tokens = torch.call("where", fine, chosen, torch.full([rows, 1], -1, dtypes.int64));
    const results = [backend.own(torch.view(torch.cast(tokens, dtypes.int32), [rows], [1]), [rows], "int32")];
    if (!attrs.scored) return results;
    const logarithms = torch.call("logSoftmax", raw.handle, 1, false);
    const safe = torch.call("where", fine, chosen, torch.full([rows, 1], 0, dtypes.int64));
    const scores = torch.call("gather", logarithms, 1, safe, false);
    return [...results, backend.own(torch.view(scores, [rows], [1]), [rows], "float32")];
  }),
};

/** The logits with penalty, bans and biases; a copy where there are any. */
function adjust(backend: TorchBackend, logits: Logits, attrs: ChoiceAttributes): Logits {
  const { penalized, penalty, banned, biased, biases } = attrs;
  if (penalized.length + banned.length + biased.length === 0) return logits;
  const { torch } = backend;
  const { rows, width } = logits;
  const handle = torch.call("to", logits.handle, dtypes.float32, false, true, null);
  const flat = torch.view(handle, [rows * width], [1]);
  const change = (places: Int32Array<ArrayBuffer>, changed: (numbers: Handle) => Handle) => {
    if (places.length === 0) return;
    const index = torch.cast(backend.upload(places, [places.length], dtypes.int32), dtypes.int64);
    torch.call("scatterInPlace", flat, 0, index, changed(torch.call("indexSelect", flat, 0, index)));
  };
  change(penalized, (numbers) => {
    const factor = torch.full([1], penalty, dtypes.float32);
    const isNegative = torch.call("less", numbers, torch.full([1], 0, dtypes.float32));
    const [larger, smaller] = [torch.call("multiply", numbers, factor), torch.call("divide", numbers, factor)];
    return torch.call("where", isNegative, larger, smaller);
  });
  change(banned, () => torch.full([banned.length], -Infinity, dtypes.float32));
  change(biased, (numbers) => torch.add(numbers, backend.upload(biases, [biases.length], dtypes.float32)));
  return { ...logits, handle };
}

/** A draw for each row, int64 `[B, 1]`. */
function draw(backend: TorchBackend, logits: Logits & { largest: Handle }, attrs: ChoiceAttributes): Handle {
  const { torch } = backend;
  const { rows, handle, largest } = logits;
  const { temperature, topP, topK, minP } = attrs;
  const uniforms = backend.upload(attrs.uniforms, [rows, 1], dtypes.float64);
  if (topP === 1 && topK === 0 && minP === 0) {
    return drawn(torch, { ...logits, weights: weightsOf(torch, { handle, largest, temperature }), uniforms });
  }
  const { tokens, weights, width } = shortlisted(backend, logits, attrs);
  return torch.call("gather", tokens, 1, drawn(torch, { weights, uniforms, rows, width }), false);
}

/** The first place behind which a row's weights add up to more than its uniform number's share, `[B, 1]`. */
function drawn(
  torch: Torch,
  { weights, uniforms, rows, width }: { weights: Handle; uniforms: Handle; rows: number; width: number },
): Handle {
  const sums = torch.contiguous(torch.call("cumsum", weights, 1, dtypes.float64));
  const total = torch.view(sums, [rows, 1], [width, 1], width - 1);
  const wanted = torch.contiguous(torch.call("multiply", uniforms, total));
  const places = torch.call("searchSorted", sums, wanted, false, true, null, null);
  return torch.call("minimum", places, torch.full([1], width - 1, dtypes.int64));
}
