/** The clock of this process can be moved, for libraries that take no clock of their own. */
const RealDate = Date
let offset = 0

class ShiftedDate extends RealDate {
  constructor(...values: readonly [] | readonly [number | string | Date]) {
    super(...((values.length === 0 ? [ShiftedDate.now()] : values) as [number]))
  }
  static override now(): number {
    return RealDate.now() + offset
  }
}

export const installClock = (): void => {
  globalThis.Date = ShiftedDate as DateConstructor
}

/** @param milliseconds forward */
export const advance = (milliseconds: number): void => {
  offset += milliseconds
}
