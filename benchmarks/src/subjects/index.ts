import { behaviour } from "./behaviour.ts"
import type { Subject } from "./Subject.ts"

/** In the order in which they run. */
export const subjects: readonly Subject[] = [behaviour]
