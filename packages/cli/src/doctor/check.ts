/** One thing the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "problem";
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}
