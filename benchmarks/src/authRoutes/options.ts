import type { LoadOptions } from "../../../packages/node/test/routes/load/runLoad.ts"

export const options: LoadOptions = {
  users: 2000,
  concurrency: 32,
  tokenLifetime: 40_000,
  duration: 90_000,
  deadline: 10_000,
  rotation: { grace: "1 minute", reuse: "revokeFamily" },
}

export const kill = { after: 30_000, restartAfter: 45_000 }
