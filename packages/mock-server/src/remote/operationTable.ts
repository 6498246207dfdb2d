/** All operations of the remote control. Its routes and its OpenAPI document are made from this table. */

import type { Controls } from "../server/Controls.js"
import { clockOperations } from "./clockOperations.js"
import { faultOperations } from "./faultOperations.js"
import { grantOperations } from "./grantOperations.js"
import type { Operation } from "./Operation.js"
import { reportOperations } from "./reportOperations.js"

const all = {
  ...reportOperations,
  ...clockOperations,
  ...grantOperations,
  ...faultOperations,
} satisfies Record<Exclude<keyof Controls, "clock" | "faults">, Operation>

/** By the path after `/__mock/`, which is the name in the TypeScript API. */
export const operations: Readonly<Record<string, Operation>> = all
