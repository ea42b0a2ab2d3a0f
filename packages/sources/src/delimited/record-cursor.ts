/** The record a splitter is at. Valid only during the call that gets it. */
export interface RawRecord {
  /** Reused from record to record; only the first `fieldCount` are this one's. */
  readonly fields: readonly string[];
  readonly fieldCount: number;
  /** 1-based line it begins on. */
  readonly line: number;
  /** Length of its text in characters. */
  readonly length: number;
  /** Whether something other than a delimiter follows a closing quote. */
  readonly malformed: boolean;
  /** Its text as it stands in the source, without its line end. */
  text(): string;
}

/** Where a splitter is: one object for all records, so that a record costs nothing but its fields. */
export class RecordCursor implements RawRecord {
  source = "";
  start = 0;
  /** Behind the record's last character. */
  end = 0;
  /** Behind its line end. */
  next = 0;
  readonly fields: string[] = [];
  fieldCount = 0;
  line = 1;
  /** Line ends inside the record. */
  innerLines = 0;
  malformed = false;

  get length(): number {
    return this.end - this.start;
  }

  text(): string {
    return this.source.slice(this.start, this.end);
  }
}
