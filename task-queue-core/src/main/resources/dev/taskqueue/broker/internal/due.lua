-- Looks for scheduled tasks whose time has come, for when the next schedule fires, whether the queue is paused or the worker
-- quiet, whether tasks are parked, and, where asked, whether tasks wait in the lanes.
-- Needs now_ms, oversized, stride
-- KEYS  1 scheduled, 2 dead, 3 cron:due, 4 cancelled, 5 paused marker, 6 waiting, see parked.lua, 7 quiet, then, to
--       look at them, the lanes
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop, 3 the length of the longest task, 4 the worker
-- returns in how many milliseconds the next one is due (0 where some are, -1 where none is scheduled), the length of an
--         entry that was too long (0: none) and whether it is in dead now (1) or could not be moved (0), the time (ms; 0 where
--         nothing is scheduled and nothing fires), how many lanes are not empty, in how many milliseconds a schedule fires
--         (as for tasks), 1 if tasks are cancelled, else 0, 1 while the queue is paused or the worker quiet, else 0,
--         1 while tasks are parked, else 0, then those due
local scheduled, dead, cron_due = KEYS[1], KEYS[2], KEYS[3]
local cancelled, paused, waiting, quiet = KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local max, room, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local filled = #KEYS > 7 and redis.call('EXISTS', unpack(KEYS, 8)) or 0
-- One command while there is nothing of all this, as each worker comes here every second. A key that is named several times
-- counts as often: the first two by ones, the others by threes.
local places = redis.call(
  'EXISTS', scheduled, cron_due,
  cancelled, cancelled, cancelled, paused, paused, paused, waiting, waiting, waiting, quiet, quiet, quiet
)
local any_cancelled, pauses, parks = 0, 0, 0
if places >= 3 then
  any_cancelled, pauses, parks = redis.call('EXISTS', cancelled), redis.call('EXISTS', paused), redis.call('EXISTS', waiting)
  -- pcall: a key of a wrong type here makes nobody quiet.
  if pauses == 0 and type(redis.pcall('HGET', quiet, ARGV[4])) == 'string' then
    pauses = 1
  end
end
places = places % 3
if places == 0 then
  return { -1, 0, 0, 0, filled, -1, any_cancelled, pauses, parks }
end
local first, first_cron = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES'), {}
if not first[2] or places == 2 then
  -- pcall: a key of a wrong type here holds no task up. Its error has no second element.
  first_cron = redis.pcall('ZRANGE', cron_due, 0, 0, 'WITHSCORES')
end
local now = now_ms()

-- In how many milliseconds the first of a sorted set is due; -1 where none is. A score can be anything, infinity too; a reply
-- cannot.
local function wait_for(score)
  return score and math.ceil(math.max(0, math.min(score - now, 9007199254740991))) or -1
end

local wait, cron_wait = wait_for(first[2]), wait_for(first_cron[2])
if wait < 0 then
  return { wait, 0, 0, now, filled, cron_wait, any_cancelled, pauses, parks }
end

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
    return set_aside({ 0, 0, 0, now, filled, cron_wait, any_cancelled, pauses, parks }, first[1])
  end
  return { wait, 0, 0, now, filled, cron_wait, any_cancelled, pauses, parks }
end
local HEADER = 9
local reply, count, passed, step = { 0, 0, 0, now, filled, cron_wait, any_cancelled, pauses, parks }, 0, 0, 1
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
