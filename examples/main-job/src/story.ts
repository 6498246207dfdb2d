/** Prints a story step by step, and remembers whether every step went as it was told. */
export class Story {
  #steps = 0
  failed = 0

  chapter(title: string): void {
    console.log(`\n${title}\n${"─".repeat(title.length)}`)
  }

  /** Prints what happened. A step whose expectation does not hold fails the story. */
  step(what: string, expected: boolean, shown?: unknown): void {
    this.#steps++
    if (!expected) this.failed++
    console.log(`${expected ? "✓" : "✗ NOT AS EXPECTED:"} ${what}`)
    if (shown !== undefined) console.log(indent(shown))
  }

  end(): void {
    const result = this.failed === 0 ? "all as expected" : `${this.failed} NOT as expected`
    console.log(`\n${this.#steps} steps, ${result}.`)
    process.exitCode = this.failed === 0 ? 0 : 1
  }
}

const indent = (shown: unknown): string => {
  const text = typeof shown === "string" ? shown : JSON.stringify(shown, null, 2)
  return text.replaceAll(/^/gm, "    ")
}
