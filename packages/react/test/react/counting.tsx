/** Components that count how often they are rendered. */
import type { ReactNode } from "react"

export interface Counter {
  renders: number
  readonly seen: unknown[]
}

export const counter = (): Counter => ({ renders: 0, seen: [] })

/** Renders what the hook gives, and remembers it. */
export const Reader = ({
  use,
  count,
}: {
  readonly use: () => unknown
  readonly count: Counter
}): ReactNode => {
  const value = use()
  count.renders++
  count.seen.push(value)
  return <output>{JSON.stringify(value)}</output>
}
