-- Reads what stats.lua does not count of what can be wrong with a queue. A key of a wrong type tells nothing.
-- Needs now_ms
-- KEYS  1 workers, 2 silence, as visit.lua keeps it, 3 waiting: types, by since when (ms) tasks of each are parked, 4 cron:broken,
--       5 normal lane, whose name those of the parked lists and the processing lists begin with
-- ARGV  1 how many of each kind to tell at most, then the names of workers whose processing lists are there
-- returns the time (ms), how many workers have been silent for two leases, how many schedules are set aside, then four lists: of
--         the silent their names, last beats and how many tasks they hold; of the parked the types, how many there are and since
--         when; of the schedules their names and why; and, of the names given that are not registered, each with how many tasks
--         its list holds
local workers, silence, waiting, broken, normal = unpack(KEYS)
local most = tonumber(ARGV[1])
local pcall = redis.pcall

local function count(command, ...)
  local reply = pcall(command, ...)
  return type(reply) == 'number' and reply or 0
end

local function list(...)
  local reply = pcall(...)
  return reply.err and {} or reply
end

local function held(worker)
  return count('LLEN', normal .. ':processing:' .. worker)
end

local now = now_ms()
local lease = pcall('HGET', silence, ':lease')
-- Without a lease nobody has looked for the silent yet.
local lapsed = type(lease) == 'string' and string.format('(%d', now - 2 * (tonumber(lease) or 0)) or '-inf'
local silent, found = {}, list('ZRANGEBYSCORE', workers, '-inf', lapsed, 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #found, 2 do
  local last = #silent
  silent[last + 1], silent[last + 2], silent[last + 3] = found[i], found[i + 1], held(found[i])
end

local parked = {}
local types = list('ZRANGE', waiting, 0, most - 1, 'WITHSCORES')
for i = 1, #types, 2 do
  local tasks = count('LLEN', normal .. ':waiting:' .. types[i])
  if tasks > 0 then
    local last = #parked
    parked[last + 1], parked[last + 2], parked[last + 3] = types[i], tasks, types[i + 1]
  end
end

local crons, page = {}, list('HSCAN', broken, 0, 'COUNT', most)[2] or {}
for i = 1, math.min(#page, 2 * most) do
  crons[i] = string.sub(page[i], 1, 300)
end

local orphans = {}
for i = 2, #ARGV do
  if not pcall('ZSCORE', workers, ARGV[i]) and held(ARGV[i]) > 0 then
    orphans[#orphans + 1] = ARGV[i]
    orphans[#orphans + 1] = held(ARGV[i])
  end
end
return { now, count('ZCOUNT', workers, '-inf', lapsed), count('HLEN', broken), silent, parked, crons, orphans }
