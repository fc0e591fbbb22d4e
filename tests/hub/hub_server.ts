/** A small hub on loopback: the routes of the real one that we use, and its troubles on demand. */
import { createHash } from "node:crypto";

/** What goes wrong with a file's next answers, one each. */
export type Trouble =
  | { status: number; headers?: Record<string, string> }
  | { cutAfter: number }
  | { stallAfter: number }
  | { bytes: Uint8Array<ArrayBuffer> }
  | { ignoreRange: true };

/** A repository of the hub. */
export interface ServedRepository {
  type: "model" | "dataset";
  name: string;
  files: Record<string, string | Uint8Array<ArrayBuffer>>;
  /** Paths of large files, which have a SHA-256 and live elsewhere. */
  large?: string[];
  commit?: string;
  revisions?: string[];
  /** What its tree tells: nothing, names alone, or all. */
  tree?: "none" | "names";
  /** What is demanded of who reads. */
  gate?: "gated" | "private";
}

const encode = (content: string | Uint8Array<ArrayBuffer>) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;
const git = (bytes: Uint8Array) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A running hub; its large files come from a second origin, which must never see a token. */
export class HubServer implements AsyncDisposable {
  /** What was asked, in order: method, path, and the range if there was one. */
  readonly log: string[] = [];
  /** Tokens that reached the second origin. */
  readonly leaked: string[] = [];
  readonly troubles = new Map<string, Trouble[]>();
  /** Answers to the questions about a repository that fail first. */
  readonly apiTroubles: Trouble[] = [];
  readonly #stalled: (() => void)[] = [];
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[];

  constructor(readonly repositories: ServedRepository[]) {
    const options = {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: () => new Response("", { status: 500 }),
    };
    this.#servers = [
      Deno.serve(options, (request) => this.#answer(request)),
      Deno.serve(options, (request) => this.#elsewhere(request)),
    ];
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#servers[0].addr.port}`;
  }

  /** Makes the next answers for a file go wrong. */
  trouble(path: string, ...troubles: Trouble[]): void {
    this.troubles.set(path, [...(this.troubles.get(path) ?? []), ...troubles]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resolve of this.#stalled) resolve();
    await Promise.all(this.#servers.map((server) => server.shutdown()));
  }

  #answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    const range = request.headers.get("range");
    this.log.push(`${request.method} ${pathname}${range ? ` ${range}` : ""}`);
    const api = /^\/api\/(model|dataset)s\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    if (api) return this.#api(request, api);
    const file = /^\/(datasets\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    if (!file) return new Response("", { status: 404 });
    const type = file[1] ? "dataset" : "model";
    const found = this.#repository(request, type, file[2]);
    if (found instanceof Response) return found;
    const path = decodeURIComponent(file[4]);
    if (!(path in found.files)) return new Response("", { status: 404, headers: { "x-error-code": "EntryNotFound" } });
    if (found.large?.includes(path)) {
      const location = `http://127.0.0.1:${this.#servers[1].addr.port}/${type}/${found.name}/-/${path}`;
      const bytes = encode(found.files[path]);
      const linked = { "x-linked-etag": `"${sha256(bytes)}"`, "x-linked-size": String(bytes.length) };
      return new Response("", { status: 302, headers: { location, ...linked } });
    }
    return this.#file(request, found, path);
  }

  #api(request: Request, [, type, name, route, revision]: RegExpExecArray): Response {
    const trouble = this.apiTroubles.shift();
    if (trouble && "status" in trouble) return new Response("", trouble);
    if (trouble && "bytes" in trouble) return new Response(trouble.bytes);
    const found = this.#repository(request, type as "model", name);
    if (found instanceof Response) return found;
    const commit = found.commit ?? "0".repeat(39) + "1";
    if (![commit, "main", ...found.revisions ?? []].includes(decodeURIComponent(revision))) {
      return new Response("", { status: 404, headers: { "x-error-code": "RevisionNotFound" } });
    }
    if (route === "revision") {
      const siblings = Object.keys(found.files).map((rfilename) => ({ rfilename }));
      return Response.json({ _id: "1", id: name, sha: commit, lastModified: "2026-01-01", siblings });
    }
    if (found.tree === "none") return new Response("", { status: 404 });
    if (found.tree === "names") {
      return Response.json(Object.keys(found.files).map((path) => ({ type: "file", path, size: 0 })));
    }
    return Response.json(
      Object.entries(found.files).map(([path, content]) => {
        const bytes = encode(content);
        const lfs = found.large?.includes(path) && { oid: sha256(bytes), size: bytes.length, pointerSize: 130 };
        return { type: "file", path, size: bytes.length, oid: git(bytes), ...(lfs ? { lfs } : {}) };
      }),
    );
  }

  #repository(request: Request, type: "model" | "dataset", name: string): ServedRepository | Response {
    const found = this.repositories.find((repository) => repository.type === type && repository.name === name);
    const known = request.headers.get("authorization") === "Bearer secret";
    const deny = (status: number, code: string) => new Response("", { status, headers: { "x-error-code": code } });
    if (found?.gate === "gated" && !known) return deny(403, "GatedRepo");
    if (!found || (found.gate === "private" && !known)) return deny(401, "RepoNotFound");
    return found;
  }

  #elsewhere(request: Request): Response {
    const token = request.headers.get("authorization");
    if (token) this.leaked.push(token);
    const [, type, name, path] = /^\/(model|dataset)\/(.+?)\/-\/(.+)$/.exec(new URL(request.url).pathname)!;
    const found = this.repositories.find((repository) => repository.type === type && repository.name === name)!;
    const range = request.headers.get("range");
    this.log.push(`GET elsewhere/${path}${range ? ` ${range}` : ""}`);
    return this.#file(request, found, path);
  }

  #file(request: Request, repository: ServedRepository, path: string): Response {
    const trouble = this.troubles.get(path)?.shift();
    if (trouble && "status" in trouble) return new Response("", trouble);
    const whole = trouble && "bytes" in trouble ? trouble.bytes : encode(repository.files[path]);
    const from = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
    const ranged = from && !(trouble && "ignoreRange" in trouble);
    const start = ranged ? Number(from[1]) : 0;
    const rest = whole.subarray(start);
    if (request.method === "HEAD") {
      return new Response(null, { headers: { etag: `W/"${git(whole)}"`, "x-linked-size": String(whole.length) } });
    }
    const headers = {
      etag: `"${git(whole)}"`,
      ...(ranged ? { "content-range": `bytes ${start}-${whole.length - 1}/${whole.length}` } : {}),
    };
    const status = ranged ? 206 : 200;
    if (!trouble || !("cutAfter" in trouble || "stallAfter" in trouble)) return new Response(rest, { status, headers });
    const cut = "cutAfter" in trouble;
    const part = rest.subarray(0, cut ? trouble.cutAfter : trouble.stallAfter);
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (!sent) controller.enqueue(part);
        else if (cut) controller.error(new Error("cut"));
        if (!sent) return void (sent = true);
        return cut ? undefined : new Promise<void>((resolve) => this.#stalled.push(resolve));
      },
    });
    return new Response(body, { status, headers });
  }
}
