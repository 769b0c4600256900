-- Reads schedules by name.
-- Needs now_ms
-- KEYS  1 cron, 2 cron:due, 3 cron:last, 4 cron:broken
-- ARGV  their names
-- returns Redis' time (ms), then four per name: its definition, its next fire (ms), the id of the task that it enqueued last,
--         and why it is set aside; each false where there is none
local call, pcall = redis.call, redis.pcall
local cron, due, last, broken = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local function text(value)
  return type(value) == 'string' and value
end

local reply = { now_ms() }
for i, name in ipairs(ARGV) do
  -- A wrong type here is an error: what is changed by what this returns must not take it for nothing.
  reply[4 * i - 2] = call('HGET', cron, name)
  reply[4 * i - 1] = call('ZSCORE', due, name)
  reply[4 * i] = text(pcall('HGET', last, name))
  reply[4 * i + 1] = text(pcall('HGET', broken, name))
end
return reply
