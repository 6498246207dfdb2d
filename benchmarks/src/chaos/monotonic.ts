/** Milliseconds of the machine's monotonic clock, which is the same one in every process. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6
