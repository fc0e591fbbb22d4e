/**
 * What a server is: its kind, its model, and how long rows may be.
 *
 * @module
 */
import { TeacherError } from "../teacher_error.ts";
import type { ServerAddress } from "./address.ts";
import { jsonValue } from "./json_value.ts";
import type { ProtocolName } from "./protocol.ts";
import { exchangeJson, type TransportOptions } from "./transport.ts";

/** What was found out. */
export interface Discovered {
  /** What messages call the server. */
  server: string;
  /** Its kind. */
  protocol: ProtocolName;
  /** The model's name there. */
  model: string;
  /** Tokens that the model may see, if the server says so. */
  contextLength?: number;
}

/** A model in the list of a server. */
interface ListedModel {
  id: string;
  owned_by?: string;
  max_model_len?: number;
  meta?: { n_ctx_train?: number };
}

/** Options for {@linkcode discover}. */
export interface DiscoverOptions extends Omit<TransportOptions, "server"> {
  address: ServerAddress;
  protocol?: ProtocolName;
}

/**
 * Asks a server which models it serves, and derives its kind from their owner.
 *
 * @throws {TeacherError} If it cannot be reached, does not serve the model, or serves several and none is named.
 */
export async function discover(options: DiscoverOptions): Promise<Discovered> {
  const { address: { base, model }, protocol } = options;
  const server = `the teacher at ${base}`;
  const listed = await listedModels(options, server);
  const names = listed.map(({ id }) => id);
  const found = model === undefined && listed.length === 1 ? listed[0] : listed.find(({ id }) => id === model);
  if (!found) {
    const wanted = model === undefined
      ? "the address must name one of its models, as in #name"
      : `it must serve the model ${model}, the part of the address behind #`;
    throw new TeacherError(`Cannot learn from ${server}: ${wanted}; it serves ${names.join(", ") || "none"}`);
  }
  const { id, owned_by: owner, max_model_len: contextLength, meta } = found;
  if (owner === "llamacpp" && protocol === undefined) {
    throw new TeacherError(
      `Cannot learn from ${server}: llama-server gives no log-probabilities of a prompt's tokens; serve the model by ` +
        "vLLM, SGLang, or the server of llama-cpp-python with --logits_all true",
    );
  }
  const kind = owner === "vllm" || owner === "sglang" ? owner : "openai";
  return { server, protocol: protocol ?? kind, model: id, contextLength: contextLength ?? meta?.n_ctx_train };
}

async function listedModels(options: DiscoverOptions, server: string): Promise<ListedModel[]> {
  const { base } = options.address;
  const hint = (status: number) =>
    status === 404 ? "its address must end where its routes begin, as in /v1" : undefined;
  const json = await exchangeJson({ url: `${base}/models`, read: jsonValue, hint }, { ...options, server });
  const { data } = (json ?? {}) as { data?: unknown };
  const isModel = (value: unknown): value is ListedModel => typeof (value as ListedModel | null)?.id === "string";
  if (Array.isArray(data) && data.every(isModel)) return data;
  throw new TeacherError(`Cannot learn from ${server}: ${base}/models must list its models, it does not`);
}
