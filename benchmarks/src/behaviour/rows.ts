import type { Row } from "./Row.ts"
import { refreshing } from "./refreshing.ts"
import { secrets } from "./secrets.ts"
import { tokenResponses } from "./tokenResponses.ts"

export const rows: readonly Row[] = [...tokenResponses, ...refreshing, ...secrets]
