/** What kind of thing went wrong (seed 002 §2). Retry policies and alert routes select by it. */
export type ErrorCategory =
  | "NETWORK"
  | "DATABASE"
  | "STORAGE"
  | "SOURCE"
  | "PARSE"
  | "VALIDATION"
  | "CONFIG"
  | "AUTH"
  | "PIPELINE"
  | "ORCHESTRATION"
  | "INTERNAL"
  | "UNKNOWN";

export interface ErrorFacts {
  readonly category: ErrorCategory;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** One sentence for `docs/errors.md`: what it means and what to do. */
  readonly summary: string;
}

const no = (category: ErrorCategory, summary: string): ErrorFacts => ({ category, retryable: false, summary });
const yes = (category: ErrorCategory, summary: string): ErrorFacts => ({ category, retryable: true, summary });

/**
 * Every code spine's own packages fail with. `docs/errors.md` is kept equal to this table by a test. Codes of plugins are
 * their own; an unknown code counts as UNKNOWN and not retryable unless the error says otherwise.
 */
export const ERROR_CODES = Object.freeze({
  // network and the outside world
  TRANSIENT: yes("NETWORK", "Something outside failed for a moment. Try again."),
  NETWORK_ERROR: yes(
    "NETWORK",
    "A connection could not be made or broke. Check the address and the network, then try again.",
  ),
  TIMEOUT: yes("NETWORK", "Something outside took longer than its limit. Try again or raise the limit."),
  RATE_LIMITED: yes("NETWORK", "The other side asks for fewer requests. Wait for `retryAfterMs`."),
  HTTP_SERVER_ERROR: yes("NETWORK", "A server answered with status 5xx. Try again later."),
  HTTP_CLIENT_ERROR: no("SOURCE", "A server refused the request (4xx). Correct the request."),

  // sources
  SOURCE_ERROR: no("SOURCE", "A source failed in a way that has no code of its own. See the cause."),
  SOURCE_NOT_FOUND: no("SOURCE", "The file or resource does not exist. Check the path."),
  SOURCE_UNAVAILABLE: yes("SOURCE", "The source exists but cannot be read now. Try again later."),
  SOURCE_NOT_REGISTERED: no("CONFIG", "No source has that name. Register it or correct the name."),
  PARSE_ERROR: no("PARSE", "Text is not in the expected format. The context says where."),
  DELIMITER_AMBIGUOUS: no("PARSE", "The delimiter cannot be told from the text. Pass `delimiter`."),
  ROW_RAGGED: no(
    "PARSE",
    "A row has more or fewer fields than the header. Correct the file or choose a `ragged` policy.",
  ),
  HEADER_INVALID: no("PARSE", "The header is missing, empty or has a name twice. Correct the file or pass `columns`."),
  QUOTE_UNTERMINATED: no("PARSE", "A quoted field never ends. Correct the file or pass `quote: false`."),
  RECORD_TOO_LONG: no(
    "PARSE",
    "A record is longer than the limit, often an unbalanced quote. Correct the file or raise `maxRecordBytes`.",
  ),
  ENCODING_INVALID: no("PARSE", "Bytes are not valid in the expected encoding. Pass `encoding`."),
  COMPRESSION_INVALID: no("PARSE", "Packed bytes are cut or damaged. Get them again."),
  ZIP_MEMBER_NOT_FOUND: no(
    "SOURCE",
    "A zip archive has not the one file that was asked for. Pass its name as `member`.",
  ),
  CONTENT_TOO_LARGE: no(
    "SOURCE",
    "A content is larger than its limit, or unpacks to far more than it should. Raise the limit if it is meant.",
  ),
  BODY_INCOMPLETE: yes("NETWORK", "The body of a response ended before its length, or came damaged. Try again."),
  REDIRECT_REFUSED: no(
    "SOURCE",
    "A server redirects in a circle, too often or to another scheme. Correct the address.",
  ),
  ADDRESS_REFUSED: no(
    "SOURCE",
    "An address that came from parameters leads into a private network. Write it into the source, or allow private addresses.",
  ),
  PAGINATION_LOOP: no(
    "SOURCE",
    "A paged service sends a page again or never ends. Correct the pagination, or raise `maxPages`.",
  ),
  SECRET_MISSING: no("CONFIG", "A secret that a source refers to is not there. Set it."),
  ARCHIVE_DAMAGED: no("STORAGE", "Archived bytes are not those of their hash. Restore them from a copy."),

  // input and configuration
  VALIDATION_FAILED: no("VALIDATION", "A value does not meet its rule. The context names field, value and rule."),
  SCHEMA_MISMATCH: no("VALIDATION", "A value does not fit its schema. The context lists each place."),
  CONSTRAINT_VIOLATED: no("VALIDATION", "A value breaks a constraint. The context names it."),
  NOT_JSON: no(
    "VALIDATION",
    "A value cannot be kept as JSON. The context has its path; convert it before returning it.",
  ),
  DATE_INVALID: no("VALIDATION", "A date is not a real calendar date in the form YYYY-MM-DD. Correct it."),
  WEEK_ENDING_NOT_FRIDAY: no("VALIDATION", "A week ending must be a Friday. The text names the nearest one."),
  INSTANT_INVALID: no(
    "VALIDATION",
    "A point in time cannot be read. Pass ISO 8601 with a zone, such as 2025-12-20T00:00:00Z.",
  ),
  CONFIG_INVALID: no("CONFIG", "A setting has a value that cannot be used. Correct it."),
  CONFIG_MISSING: no("CONFIG", "A required setting is absent. Set it."),
  COMMAND_INVALID: no("CONFIG", "A command line has a word that the command does not know. The text names it."),
  AUTHENTICATION_FAILED: no("AUTH", "The other side does not accept who we say we are. Check the credentials."),
  AUTHORIZATION_FAILED: no("AUTH", "The other side knows us and refuses this. Ask for the permission."),

  // host, registry, plugins
  KEY_INVALID: no("CONFIG", "A key has characters that keys cannot have. Rename it."),
  KEY_DUPLICATE: no("CONFIG", "Two definitions claim one key. Rename one; the text names both owners."),
  REGISTRY_SEALED: no("CONFIG", "The host has started and takes no more registrations. Register before it starts."),
  PLUGIN_INVALID: no(
    "CONFIG",
    "A plugin is not what `definePlugin` returns or contributes something nobody reads. Correct the plugin.",
  ),
  HOST_CLOSED: no("INTERNAL", "The host was closed. Create a new one."),
  CAPABILITY_MISSING: no("CONFIG", "A pipeline needs what this store or host has not. Use a store that has it."),

  // pipelines
  PIPELINE_FAILED: no("PIPELINE", "A pipeline failed with an error that has no code of its own. See the cause."),
  PIPELINE_NOT_FOUND: no("PIPELINE", "No pipeline has that key. The text names the nearest one."),
  PARAMS_INVALID: no("PIPELINE", "Parameters are missing or do not fit their schema. The text lists each of them."),
  OUTPUT_INVALID: no("PIPELINE", "A pipeline returned what its output schema does not allow. Correct the pipeline."),

  // captures and quality
  CAPTURE_HELD: yes(
    "STORAGE",
    "Another process is capturing this partition. Wait; the text names the holder and since when.",
  ),
  CAPTURE_NOT_FOUND: no("STORAGE", "No capture has that id. List them with `spine captures`."),
  CAPTURE_NOT_RUNNING: no("STORAGE", "The capture has ended already, so it takes no more rows and no second end."),
  CAPTURE_NOT_HELD_BACK: no("STORAGE", "No gate holds the capture back, so there is nothing to release."),
  CAPTURE_IN_USE: no("STORAGE", "The capture is being written, or readers see it now, so its rows stay."),
  CAPTURE_PAYLOAD_GONE: no(
    "STORAGE",
    "The rows of the capture were removed by retention; its entry in the ledger is all there is. Restore them from the archive.",
  ),
  CAPTURE_IMPORT_INVALID: no(
    "VALIDATION",
    "History must say when it was published, and cannot become available in the future. Correct its clocks.",
  ),
  PARTITION_BLOCKED: no(
    "VALIDATION",
    "A gate blocked the partition, so nothing is computed from it. Capture it again, or release the capture.",
  ),
  ANOMALY_NOT_FOUND: no("STORAGE", "No anomaly has that id. List them with `spine anomalies`."),
  ANOMALY_STATUS_INVALID: no(
    "VALIDATION",
    "An anomaly cannot go from the one status to the other. The text says which.",
  ),
  EXPECTATION_INVALID: no("CONFIG", "What is said to be expected cannot be. The text names the mistake."),
  EXPECTATION_NOT_FOUND: no("CONFIG", "Nothing of that name is expected. The text names the nearest one."),
  PARTITION_UNEXPECTED: no(
    "VALIDATION",
    "The partition is not one of the expected ones. The text says what they look like.",
  ),
  STAGE_UNKNOWN: no("VALIDATION", "The stage is not one of the declared ones. The text lists them."),
  QUALITY_GATE_FAILED: no("VALIDATION", "A quality gate refused the data. The text lists the failed checks."),

  // orchestration
  WORKFLOW_NOT_FOUND: no("ORCHESTRATION", "No workflow has that name. The text names the nearest one."),
  WORKFLOW_INVALID: no("ORCHESTRATION", "A workflow's definition has a mistake. The text names the step."),
  WORKFLOW_CYCLE: no("ORCHESTRATION", "Workflows run each other in a circle. The text shows it; take one step out."),
  WORKFLOW_NOT_DATA: no(
    "ORCHESTRATION",
    "A workflow holds functions that have no key, so it cannot be written as a document. The text lists them.",
  ),
  DOCUMENT_VERSION_UNKNOWN: no(
    "ORCHESTRATION",
    "A document is of a version of the format that cannot be read. Give its migration, or use a newer spine.",
  ),
  FUNCTION_NOT_FOUND: no(
    "ORCHESTRATION",
    "A document names a function or schema that is not registered. The text names the nearest key.",
  ),
  STEP_TYPE_UNKNOWN: no(
    "ORCHESTRATION",
    "A step is of a type that nothing here knows. Give its kind where it is read.",
  ),
  EDIT_INVALID: no("ORCHESTRATION", "A change cannot be made to a document as it is. The text says why."),
  RUNNABLE_NOT_FOUND: no(
    "ORCHESTRATION",
    "No workflow, group or pipeline has that name. The text names the nearest one.",
  ),
  GROUP_NOT_FOUND: no("ORCHESTRATION", "No group has that name. The text names the nearest one."),
  GROUP_INVALID: no("ORCHESTRATION", "A group's definition has a mistake. The text names place and reason."),
  GROUP_CYCLE: no("ORCHESTRATION", "The dependencies of a group form a cycle. The text shows it; remove one of them."),
  GROUP_DEPENDENCY_UNKNOWN: no(
    "ORCHESTRATION",
    "A step depends on a step the group has not, or a group on a group that is not there. The text names the nearest one.",
  ),
  GROUP_DEPENDENCY_UNMET: no(
    "ORCHESTRATION",
    'A group depends on one whose last run has not completed. Run it first, or pass `dependencies: "run"`.',
  ),
  PLAN_INVALID: no("ORCHESTRATION", "A plan could not be made. The text says why."),
  STEP_NOT_FOUND: no("ORCHESTRATION", "No step has that name. The text names the nearest one."),
  STEP_FAILED: no("ORCHESTRATION", "A step said it failed. The text is its reason."),
  STEP_REJECTED: no("VALIDATION", "A validating step returned false. See the step's name for what it checks."),
  STEP_RESULT_INVALID: no(
    "ORCHESTRATION",
    "A step returned what no step can return. Return a StepResult, an object, a boolean or nothing.",
  ),
  STEP_JUMP_INVALID: no("ORCHESTRATION", "A step named a next step that does not lie after it. Jumps go forward."),
  STEP_TIMEOUT: yes("ORCHESTRATION", "A step took longer than its limit. Raise `timeoutMs` or make it faster."),
  STEP_INTERRUPTED: no(
    "ORCHESTRATION",
    "The process of a step ended each time it was tried. Find out what kills it, then resume the run.",
  ),
  WAIT_TIMEOUT: no("ORCHESTRATION", "What a step waited for did not come within its limit. The text names it."),
  APPROVAL_REJECTED: no("VALIDATION", "Somebody rejected what an approval step asked for. The text says who and why."),
  RUN_TIMEOUT: no("ORCHESTRATION", "A run took longer than its limit. Raise `timeoutMs`, then resume it."),
  STEP_THREW: no("UNKNOWN", "A step threw an error that spine cannot classify. See the cause."),
  CONDITION_FAILED: no("ORCHESTRATION", "A condition could not be evaluated. The text says why."),
  OUTPUT_IS_REFERENCE: no(
    "ORCHESTRATION",
    "The output is too large for the context and is kept by reference. Read it with `await context.load(reference)`.",
  ),
  REFERENCE_NOT_FOUND: no("STORAGE", "No stored value has that reference. It may have been collected."),
  COMMIT_TWICE: no("PIPELINE", "A pipeline called `commit` a second time. A step ends with one commit."),

  // backfills
  BACKFILL_NOT_FOUND: no("ORCHESTRATION", "No backfill has that id. List them with `spine backfill list`."),
  BACKFILL_EMPTY: no(
    "ORCHESTRATION",
    "No partition of the range needs what the backfill would do. Choose another mode or range.",
  ),
  BACKFILL_STATUS_INVALID: no(
    "ORCHESTRATION",
    "A backfill cannot go from the one status to the other. The text says which.",
  ),
  BACKFILL_TARGET_MISSING: no("CONFIG", "The expectation does not say what to run for a partition. Give it `produce`."),

  // runs
  RUN_NOT_FOUND: no("ORCHESTRATION", "No run has that id. List them with `spine runs`."),
  RUN_NOT_RESUMABLE: no("ORCHESTRATION", "The run has ended in a way that leaves nothing to resume. Start a new one."),
  RUN_EXISTS: no("ORCHESTRATION", "A run has that id already. Give the new run another id, or an idempotency key."),
  RUN_ENDED: no(
    "ORCHESTRATION",
    "The run has ended, so nothing can be asked of it any more. The text says how it ended.",
  ),
  RUN_TOO_DEEP: no("ORCHESTRATION", "Runs start runs too deep. A workflow that starts itself must end somewhere."),
  RUN_OWNED: yes("ORCHESTRATION", "Another live process owns the run. Wait for it, or for its lease to run out."),
  RUN_FENCED: no(
    "ORCHESTRATION",
    "Another process took the run over, so this one stopped. Nothing it did after that was recorded.",
  ),
  RUN_FAILED: no("ORCHESTRATION", "The run ended FAILED. The text names the step and its error."),
  RUN_CANCELLED: no("ORCHESTRATION", "The run was cancelled."),
  DEFINITION_CHANGED: no(
    "ORCHESTRATION",
    "The definition is not the one the run started with. The text says what differs.",
  ),
  CANCELLED: no("ORCHESTRATION", "The work was aborted by its caller."),

  // stores
  DATABASE_ERROR: no("DATABASE", "A database failed in a way that has no code of its own. See the cause."),
  DATABASE_UNAVAILABLE: yes("DATABASE", "The database cannot be reached. Check that it runs, and the address."),
  DATABASE_BUSY: yes("DATABASE", "Another process holds the database's write lock. Try again, or find who holds it."),
  DATABASE_READ_ONLY: no(
    "DATABASE",
    "The database does not take writes. Check the file's permissions or the server's mode.",
  ),
  DISK_FULL: no("STORAGE", "The disk or the database is full. Make room."),
  DATABASE_CORRUPT: no("DATABASE", "The file is not a database or is damaged. Restore it."),
  DATABASE_CONFLICT: yes("DATABASE", "Two transactions met (deadlock or serialisation). Try again."),
  QUERY_INVALID: no("DATABASE", "The database refused the statement. Correct it."),
  INTEGRITY_VIOLATED: no("DATABASE", "A unique, foreign key or check constraint refused the row."),
  ADAPTER_UNKNOWN: no("CONFIG", "No adapter has that kind. The text has the command that installs it."),
  SQL_UNAVAILABLE: no("CONFIG", "This store has no SQL. Use sqlite() or postgres()."),
  TX_DOOMED: no(
    "DATABASE",
    "A statement in the transaction failed, so nothing of it is kept. Use `tx.savepoint` to try things.",
  ),
  TX_TOO_LONG: no(
    "DATABASE",
    "A transaction ran past its deadline and was rolled back. Compute before it, write inside it.",
  ),
  TX_NESTED: no("DATABASE", "The store was used inside its own transaction. Use the transaction's handle."),
  TX_CLOSED: no("DATABASE", "A transaction's handle was used after it ended. Await everything inside."),
  MIGRATION_FAILED: no("DATABASE", "A migration failed and was rolled back. The text names it."),
  MIGRATION_CHANGED: no(
    "DATABASE",
    "An applied migration is not the one in the code any more. Restore it and add a new one.",
  ),
  MIGRATIONS_PENDING: no("DATABASE", "The database is older than the code. Run `spine migrate`."),
  DATABASE_NEWER: no("DATABASE", "The database was migrated by a newer version. Update the packages."),
  STORAGE_ERROR: no("STORAGE", "A file could not be written or read. See the cause."),
  FILE_ACCESS_DENIED: no("STORAGE", "The file may not be opened by this user. Check its permissions."),
  RESOURCES_EXHAUSTED: yes("STORAGE", "The process has too many files open. Close some or raise the limit."),

  // schedules and alerts
  SCHEDULE_INVALID: no("CONFIG", "A schedule's expression or zone cannot be used. The text says why."),
  SCHEDULE_NOT_FOUND: no("CONFIG", "No schedule has that name. The text names the nearest one."),
  ALERT_DELIVERY_FAILED: yes("NETWORK", "A channel did not take an alert. See the cause."),

  // the rest
  MULTIPLE_ERRORS: no("INTERNAL", "Several things failed. The context lists them."),
  INTERNAL: no("INTERNAL", "A bug in spine. Please report it with the text."),
  UNKNOWN: no("UNKNOWN", "An error that spine cannot classify. See the cause."),
} satisfies Record<string, ErrorFacts>);

export type ErrorCode = keyof typeof ERROR_CODES;

const unknownFacts: ErrorFacts = ERROR_CODES.UNKNOWN;

/** Category, retryability and summary of a code; a code that is not spine's own counts as UNKNOWN. */
export function factsOf(code: string): ErrorFacts {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode] : unknownFacts;
}

/** Whether a code is one of spine's own, listed in `docs/errors.md`. */
export function isSpineCode(code: string): boolean {
  return Object.hasOwn(ERROR_CODES, code);
}
