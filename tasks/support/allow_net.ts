/**
 * Prints the flag by which a task may reach a hub and no other host.
 *
 *     deno run --no-prompt --allow-env=HF_ENDPOINT tasks/support/allow_net.ts
 */

/** Where Hugging Face keeps what its hub, and mirrors of it, send their readers to. */
const STORES = ["*.huggingface.co", "*.hf.co"];

/**
 * The flag for a hub: its host, on every port, the hosts below it, and the stores of Hugging Face.
 *
 * @param endpoint What `HF_ENDPOINT` says; the task itself refuses what is no address.
 */
export function allowNet(endpoint: string | undefined): string {
  const host = URL.parse(endpoint ?? "")?.hostname ?? "";
  const isAddress = /^[\d.]+$|^\[/.test(host);
  if (isAddress || host === "localhost") return `--allow-net=${host}`;
  const own = host === "" || STORES.some((store) => `.${host}`.endsWith(store.slice(1))) ? [] : [`*.${host}`];
  return `--allow-net=${[...own, ...STORES].join()}`;
}

if (import.meta.main) console.log(allowNet(Deno.env.get("HF_ENDPOINT")));
