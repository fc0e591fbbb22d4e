/**
 * A teacher that cannot answer.
 *
 * @module
 */

/**
 * A teacher that cannot answer, or answers with what nobody can learn from: a server that is gone, for one. The student is
 * unchanged, and a run saves itself before it ends.
 */
export class TeacherError extends Error {
  /** The name that errors of this class show. */
  override name = "TeacherError";

  /**
   * Makes the error.
   *
   * @param reason What is wrong; it names the teacher.
   * @param saved The checkpoint of the run that ends with it, if there is one.
   */
  constructor(readonly reason: string, readonly saved?: string, options?: ErrorOptions) {
    super(saved === undefined ? reason : `${reason}; the run is saved in ${saved}`, options);
  }
}
