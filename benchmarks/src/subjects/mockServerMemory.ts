/** The mock server's heap over a million refreshes. */
import { runProgram } from "../harness/runProgram.ts"
import type { Subject } from "./Subject.ts"

interface Heap {
  readonly name: string
  /** MB. */
  readonly figures: readonly number[]
}

const program = new URL("../mockServer/memory.ts", import.meta.url)

export const mockServerMemory: Subject = {
  name: "mock-server-memory",
  title: "The mock server's memory",
  onlyByName: true,
  run: async ({ quick }) => {
    const args = quick ? ["10000", "5"] : ["1000000", "60"]
    const heaps = await runProgram<Heap>(program, { args, nodeOptions: ["--expose-gc"] })
    const lines = heaps.map(
      ({ figures, name }) => `- ${name}: ${figures.map((figure) => figure.toFixed(1)).join(", ")} MB`,
    )
    return {
      text: `Heap in use after a garbage collection, while every refresh rotates its token.

${lines.join("\n")}`,
      data: { unit: "MB", heaps },
    }
  },
}
