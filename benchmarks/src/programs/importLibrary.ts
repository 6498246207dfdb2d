/** `importLibrary NAME`: what its import takes, in milliseconds; a line of JSON. */
const [, , name = ""] = process.argv
const cpu = process.cpuUsage()
const startedAt = performance.now()
await import(name)
const wallTime = performance.now() - startedAt
const { system, user } = process.cpuUsage(cpu)
console.log(JSON.stringify({ wallTime, processorTime: (user + system) / 1000 }))
process.exit()
