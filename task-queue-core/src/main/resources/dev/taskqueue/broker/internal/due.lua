-- Looks for scheduled tasks whose time has come, and, where asked, whether tasks wait in the lanes.
-- Needs now_ms, oversized, stride
-- KEYS  1 scheduled, 2 dead, then, to look at them, the lanes
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop, 3 the length of the longest task
-- returns in how many milliseconds the next one is due (0 where some are, -1 where none is scheduled), the length of an
--         entry that was too long (0: none) and whether it is in dead now (1) or could not be moved (0), the time (ms), how
--         many lanes are not empty, then those due
local scheduled, dead = KEYS[1], KEYS[2]
local max, room, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local first = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')
local filled = #KEYS > 2 and redis.call('EXISTS', unpack(KEYS, 3)) or 0
if #first == 0 then
  return { -1, 0, 0, 0, filled }
end
local now = now_ms()
local wait = tonumber(first[2]) - now

-- Into dead; or, where that cannot be, out of the way of the others for a minute.
local function set_aside(reply, raw)
  reply[2] = #raw
  if bury_oversized(dead, raw, limit) then
    reply[3] = 1
    redis.call('ZREM', scheduled, raw)
  else
    redis.call('ZADD', scheduled, string.format('%d', now + 60000), raw)
  end
  return reply
end

if wait > 0 then
  if #first[1] > limit then
    -- Each look at the set would read it.
    return set_aside({ 0, 0, 0, now, filled }, first[1])
  end
  -- A score can be anything, infinity too; a reply cannot.
  return { math.ceil(math.min(wait, 9007199254740991)), 0, 0, now, filled }
end
local HEADER = 5
local reply, count, passed, step = { 0, 0, 0, now, filled }, 0, 0, 1
while count < max and room > 0 do
  local read = redis.call('ZRANGEBYSCORE', scheduled, '-inf', now, 'LIMIT', passed, math.min(step, max - count))
  if #read == 0 then
    break
  end
  local bytes = 0
  for _, raw in ipairs(read) do
    bytes = bytes + #raw
    if room <= 0 then
      break
    end
    room = room - #raw
    if #raw <= limit then
      passed = passed + 1
      count = count + 1
      reply[HEADER + count] = raw
    else
      room = 0
      set_aside(reply, raw)
    end
  end
  step = stride(#read, bytes, math.min(4 * step, 64))
end
return reply
