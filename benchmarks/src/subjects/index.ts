import { authRoutes } from "./authRoutes.ts"
import { behaviour } from "./behaviour.ts"
import { bundleSize } from "./bundleSize.ts"
import { cachedToken } from "./cachedToken.ts"
import { callers } from "./callers.ts"
import { imports } from "./imports.ts"
import { mockServer } from "./mockServer.ts"
import { mockServerMemory } from "./mockServerMemory.ts"
import { processes } from "./processes.ts"
import type { Subject } from "./Subject.ts"
import { sessions } from "./sessions.ts"
import { simulation } from "./simulation.ts"
import { slowProvider } from "./slowProvider.ts"
import { tokenRequests } from "./tokenRequests.ts"

/** In the order in which they run. */
export const subjects: readonly Subject[] = [
  tokenRequests,
  cachedToken,
  callers,
  processes,
  sessions,
  imports,
  bundleSize,
  mockServer,
  slowProvider,
  simulation,
  behaviour,
  authRoutes,
  mockServerMemory,
]
