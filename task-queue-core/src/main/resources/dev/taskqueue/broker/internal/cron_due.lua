-- Looks for schedules that are due. One without a definition is taken off; one whose definition is too long is set aside.
-- Needs now_ms
-- KEYS  1 cron, 2 cron:due, 3 cron:last (not read), 4 cron:broken
-- ARGV  1 how many due ones to pass over, 2 how many to look at at most, 3 the length of the longest definition
-- returns Redis' time (ms), an error for which none can be read (empty: none), how many were looked at, then three per
--         schedule: its name, its score and its definition
local call, pcall = redis.call, redis.pcall
local cron, due, broken = KEYS[1], KEYS[2], KEYS[4]
local passed, max, longest = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now = now_ms()
-- pcall, here and below: a key of a wrong type holds up the schedules, and nothing else that the caller does.
local page = pcall('ZRANGEBYSCORE', due, '-inf', now, 'WITHSCORES', 'LIMIT', passed, max)
if page.err then
  return { now, page.err, 0 }
end
local reply = { now, '', #page / 2 }
for i = 1, #page, 2 do
  local name = page[i]
  local definition = pcall('HGET', cron, name)
  if type(definition) == 'table' then
    return { now, definition.err, 0 }
  elseif not definition then
    call('ZREM', due, name)
  elseif #definition > longest then
    call('ZREM', due, name)
    pcall('HSET', broken, name, string.format(
      'the definition is %d bytes long; at most %d are allowed', #definition, longest))
  else
    local at = #reply
    reply[at + 1], reply[at + 2], reply[at + 3] = name, page[i + 1], definition
  end
end
return reply
