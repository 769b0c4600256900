-- Reads some workers: how they fare, and what each says of itself.
-- Needs now_ms
-- KEYS  1 workers, 2 silence, as visit.lua keeps it, 3 quiet, then two per worker: its processing list, what it says of itself
-- ARGV  1 the length of the longest of what they say of themselves, 2 after how many bytes of that to stop, then the workers
-- returns the time (ms), the lease (ms; 0: nobody knows it yet), then six per worker, of fewer than asked for after so many
--         bytes: its latest beat (ms; -1: it is gone), for how long it has been seen silent (ms), how many tasks it holds, its mark if it
--         is quiet, else false, what it says of itself, false where that is missing or cannot be, and 1 if anything is there, else 0
local call, pcall = redis.call, redis.pcall
local workers, silence, quiet = KEYS[1], KEYS[2], KEYS[3]
local longest, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local lease = pcall('HGET', silence, ':lease')
local reply = { now_ms(), type(lease) == 'string' and tonumber(lease) or 0 }
for i = 3, #ARGV do
  local worker, processing, info = ARGV[i], KEYS[2 * i - 2], KEYS[2 * i - 1]
  local beat = call('ZSCORE', workers, worker)
  local seen, gathered
  local record = beat and pcall('HGET', silence, worker)
  if type(record) == 'string' then
    seen, gathered = string.match(record, '^(%S+) (%d+) ')
  end
  local held, mark = pcall('LLEN', processing), pcall('HGET', quiet, worker)
  -- One byte more tells that there is more.
  local text = pcall('GETRANGE', info, 0, longest)
  local is_there = 1
  if type(text) ~= 'string' or #text > longest then
    text = false
  elseif text == '' then
    text, is_there = false, 0
  end
  -- A score can be anything, infinity too; a reply cannot.
  reply[#reply + 1] = beat and math.max(0, math.min(tonumber(beat), 253402300799999)) or -1
  reply[#reply + 1] = seen == beat and tonumber(gathered) or 0
  reply[#reply + 1] = type(held) == 'number' and held or 0
  reply[#reply + 1] = type(mark) == 'string' and string.sub(mark, 1, 4096)
  reply[#reply + 1] = text
  reply[#reply + 1] = is_there
  room = room - (text and #text or 0)
  if room <= 0 then
    break
  end
end
return reply
