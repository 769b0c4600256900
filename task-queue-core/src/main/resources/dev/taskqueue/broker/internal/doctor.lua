-- Reads what stats.lua does not count of what can be wrong with a queue. A key of a wrong type tells nothing.
-- Needs now_ms
-- KEYS  1 workers, 2 waiting: types, by since when (ms) tasks of each are parked, 3 cron:broken, 4 normal lane, whose name those of
--       the parked lists and the processing lists begin with
-- ARGV  1 how many of each kind to tell at most, then the names of workers whose processing lists are there
-- returns the time (ms), how many schedules are set aside, then three lists: of the parked the types and how many tasks there are
--         of each; of the schedules set aside their names and why; and of the names given that are not registered, each with
--         how many tasks its list holds
local workers, waiting, broken, normal = unpack(KEYS)
local most = tonumber(ARGV[1])
local pcall = redis.pcall

local function count(command, key)
  local reply = pcall(command, key)
  return type(reply) == 'number' and reply or 0
end

local parked, types = {}, pcall('ZRANGE', waiting, 0, most - 1)
for _, kind in ipairs(types.err and {} or types) do
  local tasks = count('LLEN', normal .. ':waiting:' .. kind)
  if tasks > 0 then
    parked[#parked + 1] = string.sub(kind, 1, 300)
    parked[#parked + 1] = tasks
  end
end

local crons, page = {}, pcall('HSCAN', broken, 0, 'COUNT', most)[2] or {}
for i = 1, math.min(#page, 2 * most) do
  crons[i] = string.sub(page[i], 1, 300)
end

local orphans = {}
for i = 2, #ARGV do
  local held = count('LLEN', normal .. ':processing:' .. ARGV[i])
  if held > 0 and type(pcall('ZSCORE', workers, ARGV[i])) ~= 'string' then
    orphans[#orphans + 1] = ARGV[i]
    orphans[#orphans + 1] = held
  end
end
return { now_ms(), count('HLEN', broken), parked, crons, orphans }
