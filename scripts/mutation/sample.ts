/** A plugin for Stryker that runs a part of the mutants, the same for the same seed: an estimate of a score in minutes. */
import { createHash } from "node:crypto"

interface Mutant {
  readonly id: string
  readonly fileName: string
  readonly location: object
  readonly mutatorName: string
  readonly replacement: string
}

const percent = Number(process.env["MUTATION_SAMPLE"])
const seed = process.env["MUTATION_SEED"]

const isChosen = ({ fileName, location, mutatorName, replacement }: Mutant): boolean => {
  const file = fileName.slice(fileName.lastIndexOf("packages/"))
  const text = JSON.stringify([seed, file, location, mutatorName, replacement])
  return createHash("sha256").update(text).digest().readUInt32BE() % 100 < percent
}

/** Mutants that do not compile count for no score. */
const leftOut = { status: "compileError", reason: "not in the sample" }

class Sample {
  async init(): Promise<void> {}

  async check(mutants: readonly Mutant[]): Promise<object> {
    return Object.fromEntries(
      mutants.map((mutant) => [mutant.id, isChosen(mutant) ? { status: "passed" } : leftOut]),
    )
  }
}

export const strykerPlugins = [{ kind: "Checker", name: "sample", injectableClass: Sample }]
