/** The remote control as one table: its routes and its document are made of this and nothing else. */

import type { NamedSchemas } from "../common/schema.js"
import type { Controls } from "./controls.js"
import { clockOperations } from "./remote-clock.js"
import { faultOperations } from "./remote-faults.js"
import { grantOperations } from "./remote-grants.js"
import type { Operation } from "./remote-operation.js"
import { outputSchemas } from "./remote-output-schemas.js"
import { reportOperations } from "./remote-reports.js"
import { inputSchemas } from "./remote-schemas.js"

const all = {
  ...reportOperations,
  ...clockOperations,
  ...grantOperations,
  ...faultOperations,
} satisfies Record<Exclude<keyof Controls, "clock" | "faults">, Operation>

/** By the path after `/__mock/`, which is the name in the API. */
export const operations: Readonly<Record<string, Operation>> = all

export const namedSchemas: NamedSchemas = { ...inputSchemas, ...outputSchemas }
