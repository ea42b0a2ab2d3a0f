import { fileURLToPath } from "node:url";
import { extname } from "node:path";
import {
  ConfigError,
  err,
  type Instant,
  type InstantInput,
  type JsonObject,
  ok,
  parseInstant,
  type Result,
  resultAsync,
  type Schema,
  type SchemaOutput,
  type SpineError,
  tryResult,
} from "@spine/core";
import { defineSource } from "../define-source.ts";
import { type DelimitedFormat, type DelimitedOptions, resolveDelimitedOptions } from "../delimited/dialect.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { ReadOptions, Source, SourceParams } from "../source.ts";
import type { BatchReader } from "../source-stream.ts";
import { isContentOf } from "./content-hash.ts";
import { openFile } from "./open-file.ts";
import { readDelimitedFile } from "./read-delimited-file.ts";
