/** A server of another program, started for a test on a free port of this machine. */

/** A running server. */
export interface StartedServer extends AsyncDisposable {
  /** Its address, to which nothing but a model's name is to be added. */
  address: string;
}

/** Options for {@linkcode startServer}. */
export interface StartServerOptions {
  /** What messages call it. */
  name: string;
  /** The program and its arguments, of the port that it is to use. */
  command: (port: number) => string[];
  /** Variables of its environment. */
  env?: Record<string, string>;
  /** The route that answers when it is ready. */
  ready: string;
  /** The port, a free one if it is absent. */
  port?: number;
}

/** Starts a server and waits until it is ready; ten minutes at most. */
export async function startServer({ name, command, env, ready, port = freePort() }: StartServerOptions): Promise<
  StartedServer
> {
  const log = await Deno.makeTempFile();
  const child = new Deno.Command("bash", {
    args: ["-c", `exec "$0" "$@" >${log} 2>&1`, ...command(port)],
    env,
    stdin: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then(() => void (ended = true));
  for (let seconds = 0; seconds < 600 && !ended; seconds += 1) {
    const isReady = await fetch(`http://127.0.0.1:${port}${ready}`).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (isReady) {
      return {
        address: `http://127.0.0.1:${port}/v1`,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await status;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (!ended) child.kill("SIGKILL");
  throw new Error(`${name} did not start: ${(await Deno.readTextFile(log)).slice(-3000)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
