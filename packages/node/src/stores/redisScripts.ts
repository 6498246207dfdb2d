/** The scripts of a Redis store. The server runs each one atomically. */

// The whole script is sent each time (EVAL), and the server caches it. EVALSHA would save 200 bytes in each refresh, and
// add another way to fail.

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** Milliseconds. */
export const timeScript = `${now}
return now`

export const writeScript = `${now}
local version = redis.call('HGET', KEYS[1], 'version')
if ARGV[3] == 'none' and version then return 0 end
if ARGV[3] == 'version' and version ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', ARGV[2], 'writtenAt', string.format('%.0f', now))
return 1`

export const removeScript = `
if ARGV[1] and redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/** Takes no lease after its deadline, because the caller has given up and would not release it. */
export const leaseScript = `${now}
if now > tonumber(ARGV[3]) then return {-1, 0, now} end
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  local rest = redis.call('PTTL', KEYS[1])
  if rest > 0 then return {0, rest, now} end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, tonumber(ARGV[2]), now}`

export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`

/** One step of a scan. A record of an earlier version has no time of its write, so its age counts from now on. */
export const staleScript = `${now}
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
local removed = 0
for _, key in ipairs(found[2]) do
  if redis.call('TYPE', key).ok == 'hash' then
    local writtenAt = tonumber(redis.call('HGET', key, 'writtenAt') or '')
    if not writtenAt then
      redis.call('HSET', key, 'writtenAt', string.format('%.0f', now))
    elseif writtenAt <= now - tonumber(ARGV[3]) then
      removed = removed + redis.call('DEL', key)
    end
  end
end
return {found[1], removed}`
