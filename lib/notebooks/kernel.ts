/**
 * What a notebook's kernel offers for showing things.
 *
 * @module
 */

/** The part of `Deno.jupyter` that is needed: it sends a message to whoever shows the notebook. */
export interface NotebookKernel {
  /**
   * Sends a message of Jupyter's protocol.
   *
   * @param type The message's type, such as `display_data`.
   * @param content Its content.
   */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Figures can only be shown in a notebook; the message explains how to start one. */
export class NotebookUnavailableError extends Error {
  /** The error's name. */
  override name = "NotebookUnavailableError";

  /**
   * Makes the error.
   *
   * @param options What was the cause.
   */
  constructor(options?: ErrorOptions) {
    super(
      'Cannot show a figure: this program is not running in a notebook; "deno jupyter --install" installs the Jupyter kernel, ' +
        '"deno task notebooks" runs the notebooks of this project',
      options,
    );
  }
}

/**
 * Finds the kernel that this program runs in.
 *
 * @returns The kernel.
 * @throws {NotebookUnavailableError} If it runs in none.
 */
export function notebookKernel(): NotebookKernel {
  try {
    const { jupyter } = Deno as { jupyter?: Partial<NotebookKernel> };
    if (typeof jupyter?.broadcast === "function") return unhurried(jupyter as NotebookKernel);
  } catch (cause) {
    // Elsewhere Deno throws at the mere look.
    throw new NotebookUnavailableError({ cause });
  }
  throw new NotebookUnavailableError();
}

/**
 * Gives each message a moment on its way: the kernel's word that a cell is done may overtake the cell's last messages,
 * and then they are lost.
 */
function unhurried(kernel: NotebookKernel): NotebookKernel {
  return {
    broadcast: async (type, content) => {
      await kernel.broadcast(type, content);
      await new Promise((resolve) => setTimeout(resolve, 40));
    },
  };
}
