-- Reads a page of all schedules.
-- Needs now_ms
-- KEYS  1 cron, 2 cron:due, 3 cron:last, 4 cron:broken
-- ARGV  1 where to go on: 0, or what the page before returned, 2 the length of the longest definition
-- returns Redis' time (ms), where to go on (0: that was all), then five per schedule: its name, its definition (false where
--         that is too long), its next fire (ms), the id of the task that it enqueued last, and why it is set aside; each of
--         these false where there is none
local call, pcall = redis.call, redis.pcall
local cron, due, last, broken = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local cursor, longest = ARGV[1], tonumber(ARGV[2])

local function text(value)
  return type(value) == 'string' and value
end

local page = call('HSCAN', cron, cursor, 'COUNT', 50)
local reply = { now_ms(), page[1] }
for i = 1, #page[2], 2 do
  local name, definition = page[2][i], page[2][i + 1]
  local at = #reply
  reply[at + 1] = name
  reply[at + 2] = #definition <= longest and definition
  reply[at + 3] = text(pcall('ZSCORE', due, name))
  reply[at + 4] = text(pcall('HGET', last, name))
  reply[at + 5] = text(pcall('HGET', broken, name))
end
return reply
